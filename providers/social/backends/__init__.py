"""One module a provider: its description (`PROVIDER`), and its social-auth backend."""

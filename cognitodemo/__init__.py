"""The project: settings, addresses, checks, the web server and its commands."""

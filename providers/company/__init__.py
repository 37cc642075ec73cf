"""The company's sign-in for the accounts of this site: OpenID Connect, by social-auth, with no run and no artifact."""

"""Managed login: the pages and the OAuth 2.0 endpoints at a user pool's domain, on the rows of the pool.

https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html and the pages that it leads to.
Every pool with a domain has it. The pools that an account has from the start have more on their sign-in page: who there
is and with which password, what is to be signed, and what is to be wrong with it.
"""

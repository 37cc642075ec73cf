"""OAuth 2.0 and OpenID Connect stand-ins, on Authlib's framework-free core.

The core rather than its Flask integration: that one merges query and form, and refuses plain http from anywhere but
loopback, while a classroom's sandbox is reached by http on the trainer's machine.
"""

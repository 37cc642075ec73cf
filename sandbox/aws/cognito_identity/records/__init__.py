"""Pools and identities as they are kept, and the sentences of their refusals."""

"""Stand-ins for the identity providers: they speak the real protocols and sign real tokens, only on this machine."""

"""What the stand-ins keep: keys, codes, tokens, sessions."""

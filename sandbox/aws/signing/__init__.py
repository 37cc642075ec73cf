"""AWS signatures, the receiving side."""

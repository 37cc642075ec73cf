"""Identity pools as pages: who gets in, what is set, and changes in one’s own account."""

"""What may you do? The exchange, its trace, and the pages that show it."""

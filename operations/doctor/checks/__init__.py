"""The checks, a file for what they are about. Each is a generator of findings, and of a sentence for what is fine."""

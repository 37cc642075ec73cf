"""All prose that teaches, as data keyed by name. Imports nothing of ours; whoever shows a page may read it."""

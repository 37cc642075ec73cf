"""Pages of a class, one file each."""

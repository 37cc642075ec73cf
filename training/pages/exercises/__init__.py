"""The list of exercises, and the page of each."""

"""Each fault planted in an account that `provision` set up, found, and cleared by the command that is printed."""

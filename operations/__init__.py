"""Does it stand? An AWS account set up and taken down, and what of an installation is fine and what is not."""

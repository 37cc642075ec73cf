"""Setting up an AWS account, and what of an installation is fine."""

"""What of an installation and its AWS account is fine, what is not, and what mends it. Looks, and changes nothing."""

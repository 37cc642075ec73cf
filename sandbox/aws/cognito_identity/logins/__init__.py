"""Logins: what a value of the Logins map proves, and how that is found out for each kind of provider."""

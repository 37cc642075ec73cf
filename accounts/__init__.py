"""Whose is it? Accounts of the application, and browsers without one."""

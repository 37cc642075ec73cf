"""Promote yourself."""

"""Turns rows into what templates show. Nothing here sends, stores or invents: what a row does not have is not shown."""

"""Views: look up, validate, call one service, render."""

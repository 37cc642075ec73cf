"""The page on which somebody signs in, who there is, and what can go wrong on purpose."""

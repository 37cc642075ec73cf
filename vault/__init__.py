"""The vault: the only place where a secret rests.

It is a table of sealed values. Each is readable by its owner only, is bound to what it belongs to (a row copied under
another reference does not open), and lasts as long as the secret itself is valid, at most one hour.
"""

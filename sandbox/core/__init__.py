"""What every room of the sandbox stands on: configuration, store, clock, keys, accounts, and what a call is made of."""

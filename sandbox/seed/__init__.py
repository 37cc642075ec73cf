"""What a sandbox holds from the start."""

from sandbox.seed.accounts import seed_account, seed_changed_accounts, seed_home_account

__all__ = ["seed_account", "seed_changed_accounts", "seed_home_account"]

"""IAM policies, pure: documents read and checked, conditions, and what they allow whom.

No store, no clock, no network: everything that a decision depends on is an argument. The sandbox decides with it.
"""

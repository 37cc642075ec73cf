"""The pages that explain flows and operations."""

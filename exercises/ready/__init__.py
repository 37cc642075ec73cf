"""Ready?"""

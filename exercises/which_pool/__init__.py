"""Which pool?"""

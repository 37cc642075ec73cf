"""Benchmarks: every figure is a ratio of two things measured in the same run, since machines differ and drift."""

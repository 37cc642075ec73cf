"""The tables of the application `cognitodemo`: the counters of the rate limits, which everybody above `web` may use."""

from web.rate_counter import RateCounter

__all__ = ["RateCounter"]

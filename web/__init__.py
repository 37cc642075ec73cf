"""What every page stands on: addresses behind proxies, rate limits, pages for requests that go no further, the log."""

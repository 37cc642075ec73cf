"""A local AWS endpoint whose identity pools really decide, and the stand-in identity providers."""

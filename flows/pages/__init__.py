"""The pages: look up, validate, call one service, show. Nothing is invented: what a row does not have is not shown."""

"""The exchange: steps and flows as data, the engine that carries a context through them, and what the wire says."""

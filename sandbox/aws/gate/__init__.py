"""What moto serves: what a request needs, and the request that moto is given instead."""

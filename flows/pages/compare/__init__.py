"""Two runs beside each other: what differs, in sentences."""

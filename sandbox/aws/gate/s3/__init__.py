"""S3 behind the gate."""

"""AWS's wire forms, driven by the public botocore models: JSON 1.1, the query protocol, and REST XML for errors."""

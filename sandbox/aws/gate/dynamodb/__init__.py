"""DynamoDB behind the gate."""

"""What accounts have in S3, DynamoDB and Systems Manager, written to files so that it outlives the process."""

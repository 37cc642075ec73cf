"""What is put into S3, DynamoDB and Systems Manager when an account first uses one."""

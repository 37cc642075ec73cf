"""What is a pool made of? Its whole configuration as one document: read from AWS, written as CloudFormation or CLI."""

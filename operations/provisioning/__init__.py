"""An AWS account set up by the stack of `deploy/cloudformation.yaml`, and taken down again."""

"""What CloudFormation does with a template, as far as `deploy/cloudformation.yaml` asks for it.

`template` reads and resolves, `resources` makes the API calls that CloudFormation makes for each type, `deployer` goes
through a stack in the order of its references, and `service` speaks CloudFormation's own protocol over HTTP. It is no
CloudFormation and is not shipped: it knows the functions and types that the template has, and refuses all others.
"""

"""What a request to a service asks for, in the words of policies: actions, resources, condition keys.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
"""

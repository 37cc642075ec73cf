"""User pools: what they hold, how people prove who they are, and what they get for it.

Verbs take any connection to the sandbox's file: the event loop's own, or that of a thread that serves a page. Refusals
are `AwsError`s with Cognito's codes and sentences, for the API and for pages alike.
"""

"""All prose that teaches, as data keyed by name. Imports nothing of ours; whoever shows a page may read it.

- operations: what each API operation does and what is easy to miss; steps: the same where a flow uses one differently
- flows, flow_differences, parameters: the ways to credentials, side by side, and the values that a visitor can set
- flow_choice: which flow to use, by four questions
- guests, pool_kinds: what a guest is, and user pools beside identity pools, each in a few sentences
- glossary: the words that a reader needs first
- ways_to_sign_in, sdk_credentials: each way to a pool in short; what gets and renews credentials in each SDK
- claims: tokens, SAML attributes and profiles, name by name
- sign_in_steps, request_parameters, provider_kinds, sign_in_advice: signing in at a provider
- denials: why a check was not passed, in a clause
- errors: errors one by one, with their causes and how each is mended
- refusals: where an error of AWS comes from and what to do about it
- scanner_rules: what tools report about identity pools
- sample_calls, first_steps: things to try
"""

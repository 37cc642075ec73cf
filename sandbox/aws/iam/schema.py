"""The tables of IAM: roles, their policies, managed policies, identity providers. Every key begins with the account."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS iam_role (
    account TEXT NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE, -- unique without regard to case
    path TEXT NOT NULL,
    role_id TEXT NOT NULL,
    description TEXT,
    trust_policy TEXT NOT NULL,
    max_session_duration INTEGER NOT NULL,
    tags TEXT NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS iam_role_policy (
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (account, role, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS iam_policy (
    account TEXT NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    path TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    description TEXT,
    default_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    tags TEXT NOT NULL,
    created REAL NOT NULL,
    updated REAL NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS iam_policy_version (
    account TEXT NOT NULL,
    policy TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (account, policy, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS iam_attachment (
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    policy_arn TEXT NOT NULL,
    PRIMARY KEY (account, role, policy_arn)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS iam_attachment_policy ON iam_attachment (account, policy_arn);
CREATE TABLE IF NOT EXISTS iam_boundary (
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    policy_arn TEXT NOT NULL,
    PRIMARY KEY (account, role)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS iam_aws_policy ( -- of AWS, as an account that was brought over had it attached
    account TEXT NOT NULL,
    policy_arn TEXT NOT NULL,
    version TEXT NOT NULL, -- such as v4
    document TEXT NOT NULL,
    updated REAL NOT NULL,
    PRIMARY KEY (account, policy_arn)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS iam_oidc_provider (
    account TEXT NOT NULL,
    issuer TEXT NOT NULL, -- the URL without its scheme, as in the ARN
    url TEXT NOT NULL,
    client_ids TEXT NOT NULL,
    thumbprints TEXT NOT NULL,
    tags TEXT NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (account, issuer)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS iam_saml_provider (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    uuid TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    metadata TEXT NOT NULL, -- empty: of the account's own stand-in, and to be made when it is first read
    valid_until REAL NOT NULL,
    tags TEXT NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
"""

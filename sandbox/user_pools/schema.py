"""The tables of user pools.

Of a password only the SRP verifier is kept (RFC 5054, section 2.5.3), of refresh tokens, codes and sessions only
digests. What is in the mailbox is there to be read: it stands in for e-mail and text messages.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS user_pool (
    sequence INTEGER PRIMARY KEY,
    pool_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, region TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL, -- JSON: members as in CreateUserPool
    tags TEXT NOT NULL DEFAULT '{}',
    created REAL NOT NULL, modified REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS user_pool_by_account ON user_pool (account, region, sequence);
CREATE TABLE IF NOT EXISTS user_pool_client (
    sequence INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE, pool_id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    secret TEXT NOT NULL DEFAULT '', -- as it is: SECRET_HASH is an HMAC with it
    definition TEXT NOT NULL, -- JSON: members as in CreateUserPoolClient
    created REAL NOT NULL, modified REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS user_pool_client_by_pool ON user_pool_client (pool_id, sequence);
CREATE TABLE IF NOT EXISTS user_pool_domain (
    region TEXT NOT NULL, domain TEXT NOT NULL, pool_id TEXT NOT NULL, account TEXT NOT NULL,
    definition TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (region, domain)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_domain_by_pool ON user_pool_domain (pool_id);
CREATE TABLE IF NOT EXISTS user_pool_branding (
    branding_id TEXT PRIMARY KEY, pool_id TEXT NOT NULL, client_id TEXT NOT NULL, account TEXT NOT NULL,
    definition TEXT NOT NULL, created REAL NOT NULL, modified REAL NOT NULL,
    UNIQUE (pool_id, client_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS user_pool_group (
    pool_id TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '', role_arn TEXT NOT NULL DEFAULT '', precedence INTEGER,
    created REAL NOT NULL, modified REAL NOT NULL,
    PRIMARY KEY (pool_id, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS user_pool_user (
    sequence INTEGER PRIMARY KEY,
    pool_id TEXT NOT NULL, sub TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    username TEXT NOT NULL,
    attributes TEXT NOT NULL, -- JSON: name -> text, without sub
    status TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1,
    salt BLOB NOT NULL DEFAULT x'', verifier BLOB NOT NULL DEFAULT x'', password_set REAL,
    created REAL NOT NULL, modified REAL NOT NULL,
    UNIQUE (pool_id, sub), UNIQUE (pool_id, username)
);
CREATE INDEX IF NOT EXISTS user_pool_user_by_pool ON user_pool_user (pool_id, sequence);
CREATE TABLE IF NOT EXISTS user_pool_alias (
    pool_id TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL, sub TEXT NOT NULL, account TEXT NOT NULL,
    PRIMARY KEY (pool_id, attribute, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_alias_by_user ON user_pool_alias (pool_id, sub);
CREATE TABLE IF NOT EXISTS user_pool_membership (
    pool_id TEXT NOT NULL, sub TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,
    PRIMARY KEY (pool_id, sub, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_membership_by_group ON user_pool_membership (pool_id, name);
CREATE TABLE IF NOT EXISTS user_pool_wrong_password (
    pool_id TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,
    times INTEGER NOT NULL, locked_until REAL NOT NULL,
    PRIMARY KEY (pool_id, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS user_pool_code (
    pool_id TEXT NOT NULL, sub TEXT NOT NULL, purpose TEXT NOT NULL, account TEXT NOT NULL,
    digest TEXT NOT NULL, about TEXT NOT NULL DEFAULT '', -- the attribute's value that the code proves
    expires REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL, sent_since REAL NOT NULL, -- how many codes in the hour that began then
    PRIMARY KEY (pool_id, sub, purpose)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_code_expires ON user_pool_code (expires);
CREATE TABLE IF NOT EXISTS user_pool_message (
    sequence INTEGER PRIMARY KEY,
    account TEXT NOT NULL, region TEXT NOT NULL, pool_id TEXT NOT NULL,
    username TEXT NOT NULL, medium TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    sent REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS user_pool_message_by_account ON user_pool_message (account, sequence);
CREATE TABLE IF NOT EXISTS user_pool_challenge (
    digest TEXT PRIMARY KEY, pool_id TEXT NOT NULL, client_id TEXT NOT NULL, account TEXT NOT NULL,
    name TEXT NOT NULL, state TEXT NOT NULL, expires REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_challenge_expires ON user_pool_challenge (expires);
CREATE TABLE IF NOT EXISTS user_pool_grant (
    origin_jti TEXT PRIMARY KEY, pool_id TEXT NOT NULL, client_id TEXT NOT NULL, sub TEXT NOT NULL,
    account TEXT NOT NULL,
    scope TEXT NOT NULL, auth_time INTEGER NOT NULL, extra TEXT NOT NULL DEFAULT '{}',
    expires REAL NOT NULL, revoked REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_grant_by_user ON user_pool_grant (pool_id, sub);
CREATE INDEX IF NOT EXISTS user_pool_grant_expires ON user_pool_grant (expires);
CREATE TABLE IF NOT EXISTS user_pool_refresh_token (
    digest TEXT PRIMARY KEY, origin_jti TEXT NOT NULL, account TEXT NOT NULL,
    expires REAL NOT NULL, good_until REAL -- once another token has taken its place
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_refresh_token_by_grant ON user_pool_refresh_token (origin_jti);
CREATE INDEX IF NOT EXISTS user_pool_refresh_token_expires ON user_pool_refresh_token (expires);
CREATE TABLE IF NOT EXISTS user_pool_authorization_code (
    digest TEXT PRIMARY KEY, pool_id TEXT NOT NULL, sub TEXT NOT NULL, client_id TEXT NOT NULL, account TEXT NOT NULL,
    origin_jti TEXT NOT NULL, redirect_uri TEXT NOT NULL, code_challenge TEXT NOT NULL,
    expires REAL NOT NULL, spent INTEGER NOT NULL DEFAULT 0 -- how often it was shown
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_authorization_code_expires ON user_pool_authorization_code (expires);
CREATE TABLE IF NOT EXISTS user_pool_session (
    digest TEXT PRIMARY KEY, pool_id TEXT NOT NULL, sub TEXT NOT NULL, account TEXT NOT NULL,
    auth_time INTEGER NOT NULL, expires REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS user_pool_session_by_user ON user_pool_session (pool_id, sub);
CREATE INDEX IF NOT EXISTS user_pool_session_expires ON user_pool_session (expires);
CREATE TABLE IF NOT EXISTS user_pool_resource_server (
    pool_id TEXT NOT NULL, identifier TEXT NOT NULL, account TEXT NOT NULL,
    name TEXT NOT NULL, scopes TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (pool_id, identifier)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS user_pool_identity_provider (
    pool_id TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,
    definition TEXT NOT NULL, created REAL NOT NULL, modified REAL NOT NULL,
    PRIMARY KEY (pool_id, name)
) WITHOUT ROWID;
"""

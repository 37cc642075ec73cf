"""The tables of identity pools. Identities are rows and never all in memory: a million of them cost a lookup 6 us."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS identity_pool (
    sequence INTEGER PRIMARY KEY,
    pool_id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    definition TEXT NOT NULL,
    roles TEXT NOT NULL DEFAULT '{}',
    role_mappings TEXT NOT NULL DEFAULT '{}',
    tags TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS identity_pool_owner (
    pool_id TEXT PRIMARY KEY,
    account TEXT NOT NULL
) WITHOUT ROWID;
INSERT OR IGNORE INTO identity_pool_owner (pool_id, account) SELECT pool_id, account FROM identity_pool;
CREATE INDEX IF NOT EXISTS identity_pool_by_account ON identity_pool (account, sequence);
CREATE TABLE IF NOT EXISTS identity (
    sequence INTEGER PRIMARY KEY,
    identity_id TEXT NOT NULL UNIQUE,
    pool_id TEXT NOT NULL,
    account TEXT NOT NULL,
    authenticated INTEGER NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL,
    modified REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS identity_by_pool ON identity (pool_id, sequence);
CREATE TABLE IF NOT EXISTS identity_login (
    pool_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    user_key TEXT NOT NULL,
    identity_id TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (pool_id, provider, user_key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identity_login_by_identity ON identity_login (identity_id);
CREATE TABLE IF NOT EXISTS principal_tag_map (
    pool_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    use_defaults INTEGER NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (pool_id, provider)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS imported_pool (
    pool_id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    imported REAL NOT NULL -- machine's time
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent_assertion (
    account TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    assertion TEXT NOT NULL,
    expires REAL NOT NULL,
    PRIMARY KEY (pool_id, operation, assertion)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spent_assertion_by_expiry ON spent_assertion (expires);
"""

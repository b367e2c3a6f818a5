"""What Karbon's API needs: whose account it is, and which business cards were read."""

from typing import Any

_STATEMENTS = (
    "CREATE TABLE karbon_account (id INTEGER PRIMARY KEY, tenant_key TEXT NOT NULL UNIQUE, api_url TEXT NOT NULL, "
    "active INTEGER NOT NULL, trouble TEXT NOT NULL DEFAULT '', connected_at BIGINT NOT NULL, "
    "contact_types TEXT NOT NULL DEFAULT '[]', phones TEXT NOT NULL DEFAULT '', "
    "addresses TEXT NOT NULL DEFAULT '', write_beside INTEGER NOT NULL DEFAULT 0)",
    # Of the built-in directory everything is always read.
    "ALTER TABLE karbon_contact ADD COLUMN card TEXT NOT NULL DEFAULT 'read'",
    "ALTER TABLE karbon_contact ADD COLUMN read_at BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX karbon_contact_unread ON karbon_contact (connection_id) WHERE card IN ('unread', 'stale')",
    # A contact that Karbon made, whose answer was lost, is newer in the mirror than this.
    "ALTER TABLE journal ADD COLUMN newest_known BIGINT NOT NULL DEFAULT 0",
    # Whether Karbon's own integration links a Xero contact: asked once, before the first write.
    "CREATE TABLE native_link (id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id), "
    "xero_id TEXT NOT NULL, karbon_keys TEXT NOT NULL, checked_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX native_link_one ON native_link (connection_id, xero_id)",
)


def up(migrator: Any, db: Any) -> None:
    """Add all of it."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)

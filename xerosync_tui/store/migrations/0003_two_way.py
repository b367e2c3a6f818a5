"""What the continuous sync needs: where to look, field conflicts, who is at work and what others ask of them."""

from typing import Any

_FIELDS = ("name", "email", "phone", "address")


def _changed(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)


_STATEMENTS = (
    # Every link there is gets looked at once: edits since the first sync were not followed.
    "ALTER TABLE link ADD COLUMN look INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE link ADD COLUMN unfilled TEXT NOT NULL DEFAULT ''",
    "UPDATE link SET unfilled = trim("
    + " || ".join(f"CASE WHEN xero_{f} = '' AND karbon_{f} <> '' THEN '{f} ' ELSE '' END" for f in _FIELDS)
    + ")",
    "CREATE INDEX link_look ON link (connection_id, id) WHERE look = 1",
    "CREATE TRIGGER xero_contact_changed AFTER UPDATE ON xero_contact "
    f"WHEN {_changed(*_FIELDS, 'status', 'merged_to')} BEGIN "
    "UPDATE link SET look = 1 WHERE connection_id = NEW.connection_id AND xero_id = NEW.xero_id; END",
    f"CREATE TRIGGER karbon_contact_changed AFTER UPDATE ON karbon_contact WHEN {_changed(*_FIELDS, 'gone')} BEGIN "
    "UPDATE link SET look = 1 WHERE connection_id = NEW.connection_id AND karbon_key = NEW.key; END",
    "CREATE TABLE field_conflict (id INTEGER PRIMARY KEY AUTOINCREMENT, connection_id INTEGER NOT NULL "
    "REFERENCES connection (id), xero_id TEXT NOT NULL, field TEXT NOT NULL, opened_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX field_conflict_one ON field_conflict (connection_id, xero_id, field)",
    # The numbers that people type are never used again for something else.
    "CREATE TABLE failed (id INTEGER PRIMARY KEY AUTOINCREMENT, connection_id INTEGER NOT NULL "
    "REFERENCES connection (id), side TEXT NOT NULL, record TEXT NOT NULL, name TEXT NOT NULL, reason TEXT NOT NULL, "
    "at BIGINT NOT NULL)",
    "INSERT INTO failed SELECT id, connection_id, side, record, name, reason, at FROM failed_record",
    "DROP TABLE failed_record",
    "ALTER TABLE failed RENAME TO failed_record",
    "CREATE UNIQUE INDEX failed_record_one ON failed_record (connection_id, side, record)",
    # A decision that was refused is listed until its issue is decided, or is none any more.
    "CREATE TRIGGER issue_over AFTER UPDATE OF state ON issue WHEN NEW.state <> 'open' BEGIN DELETE FROM failed_record "
    "WHERE connection_id = NEW.connection_id AND side = 'decision' AND record = NEW.xero_id; END",
    "ALTER TABLE journal ADD COLUMN side TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE journal ADD COLUMN marker TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE journal ADD COLUMN request TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE journal ADD COLUMN xero_base TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE journal ADD COLUMN karbon_base TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE connection ADD COLUMN brake TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE connection ADD COLUMN audited_at BIGINT",
    "ALTER TABLE connection ADD COLUMN quota_until BIGINT",
    "CREATE TABLE holder (id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, who TEXT NOT NULL, "
    "doing TEXT NOT NULL, since BIGINT NOT NULL, beat BIGINT NOT NULL)",
    "CREATE TABLE asked (id INTEGER PRIMARY KEY, who TEXT NOT NULL, what TEXT NOT NULL, arguments TEXT NOT NULL, "
    "state TEXT NOT NULL, answer TEXT NOT NULL DEFAULT '', asked_at BIGINT NOT NULL)",
    "CREATE INDEX asked_waiting ON asked (id) WHERE state = 'waiting'",
)


def up(migrator: Any, db: Any) -> None:
    """Add all of it."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)

"""The first layout. A frozen copy of the tables in SQL: models may move on, this may not."""

from typing import Any

_TABLES = """
CREATE TABLE connection (
    id INTEGER PRIMARY KEY, organisation_id TEXT NOT NULL, organisation_name TEXT NOT NULL,
    short_code TEXT NOT NULL, country TEXT NOT NULL, xero_connection_id TEXT NOT NULL,
    directory TEXT NOT NULL, state TEXT NOT NULL, state_reason TEXT NOT NULL, active INTEGER NOT NULL,
    import_filter TEXT NOT NULL, contact_type TEXT NOT NULL, both_changed TEXT NOT NULL,
    fill_xero_blanks INTEGER NOT NULL, interval_seconds INTEGER NOT NULL, connected_at BIGINT NOT NULL,
    started_at BIGINT, previewed_at BIGINT, plan_run INTEGER, read_until BIGINT, directory_version BIGINT NOT NULL);
CREATE UNIQUE INDEX connection_pair ON connection (organisation_id, directory);
CREATE UNIQUE INDEX connection_active ON connection (active) WHERE active = 1;

CREATE TABLE xero_contact (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id),
    xero_id TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
    address TEXT NOT NULL, name_key TEXT, email_key TEXT, status TEXT NOT NULL, updated BIGINT NOT NULL,
    is_customer INTEGER NOT NULL, is_supplier INTEGER NOT NULL, first_name TEXT NOT NULL,
    last_name TEXT NOT NULL, company_number TEXT NOT NULL, contact_number TEXT NOT NULL,
    merged_to TEXT NOT NULL, seen_run INTEGER NOT NULL);
CREATE UNIQUE INDEX xero_contact_id ON xero_contact (connection_id, xero_id);
CREATE INDEX xero_contact_keys ON xero_contact (connection_id, name_key, email_key, xero_id)
    WHERE status = 'ACTIVE';

CREATE TABLE karbon_contact (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id),
    key TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
    address TEXT NOT NULL, name_key TEXT, email_key TEXT, contact_type TEXT NOT NULL,
    client_identifier TEXT NOT NULL, version BIGINT NOT NULL, gone INTEGER NOT NULL);
CREATE UNIQUE INDEX karbon_contact_key ON karbon_contact (connection_id, key);
CREATE INDEX karbon_contact_name ON karbon_contact (connection_id, name_key, email_key, key) WHERE gone = 0;
CREATE INDEX karbon_contact_email ON karbon_contact (connection_id, email_key) WHERE gone = 0;

CREATE TABLE link (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id),
    xero_id TEXT NOT NULL, karbon_key TEXT NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL,
    linked_at BIGINT NOT NULL, synced_at BIGINT NOT NULL,
    xero_name TEXT NOT NULL, xero_email TEXT NOT NULL, xero_phone TEXT NOT NULL, xero_address TEXT NOT NULL,
    karbon_name TEXT NOT NULL, karbon_email TEXT NOT NULL, karbon_phone TEXT NOT NULL,
    karbon_address TEXT NOT NULL, CHECK (state IN ('synced', 'unsynced')));
CREATE UNIQUE INDEX link_xero ON link (connection_id, xero_id);
CREATE INDEX link_karbon ON link (connection_id, karbon_key);
CREATE UNIQUE INDEX link_karbon_synced ON link (connection_id, karbon_key) WHERE state = 'synced';

CREATE TABLE issue (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id),
    xero_id TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL, held INTEGER NOT NULL,
    opened_at BIGINT NOT NULL);
CREATE UNIQUE INDEX issue_xero ON issue (connection_id, xero_id);

CREATE TABLE plan_row (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id),
    xero_id TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL, karbon_key TEXT NOT NULL,
    shown TEXT NOT NULL, run INTEGER NOT NULL);
CREATE UNIQUE INDEX plan_row_xero ON plan_row (connection_id, xero_id);
CREATE INDEX plan_row_verdict ON plan_row (connection_id, verdict);

CREATE TABLE failed_record (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id),
    side TEXT NOT NULL, record TEXT NOT NULL, name TEXT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL);
CREATE UNIQUE INDEX failed_record_one ON failed_record (connection_id, side, record);

CREATE TABLE run (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id),
    kind TEXT NOT NULL, state TEXT NOT NULL, who TEXT NOT NULL, started_at BIGINT NOT NULL,
    finished_at BIGINT, requests INTEGER NOT NULL, counts TEXT NOT NULL, error TEXT NOT NULL);
CREATE INDEX run_connection ON run (connection_id);

CREATE TABLE journal (
    id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL REFERENCES connection (id),
    run_id INTEGER REFERENCES run (id), at BIGINT NOT NULL, finished_at BIGINT, who TEXT NOT NULL,
    action TEXT NOT NULL, state TEXT NOT NULL, xero_id TEXT NOT NULL, karbon_key TEXT NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL, why TEXT NOT NULL, error TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0);
CREATE INDEX journal_contact ON journal (connection_id, xero_id);
CREATE INDEX journal_run ON journal (run_id);
CREATE INDEX journal_open ON journal (id) WHERE state = 'intended';

CREATE TABLE directory_type (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE directory_contact (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT,
    first_name TEXT NOT NULL, middle_name TEXT NOT NULL, last_name TEXT NOT NULL, typed_name TEXT NOT NULL,
    email TEXT NOT NULL, phone TEXT NOT NULL, other_phones TEXT NOT NULL, address TEXT NOT NULL,
    contact_type TEXT NOT NULL, client_identifier TEXT NOT NULL, imported_as TEXT UNIQUE, kind_reason TEXT NOT NULL,
    version BIGINT NOT NULL, deleted INTEGER NOT NULL);
CREATE INDEX directory_contact_version ON directory_contact (version);
CREATE UNIQUE INDEX directory_contact_identifier ON directory_contact (client_identifier)
    WHERE client_identifier <> '' AND deleted = 0;

CREATE TABLE counter (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL, changed_at BIGINT NOT NULL);

INSERT INTO directory_type (name) VALUES ('Client'), ('Prospect'), ('Supplier'), ('Other');
INSERT INTO counter VALUES ('directory_version', '0'), ('directory_identity', lower(hex(randomblob(8))));
"""


def up(migrator: Any, db: Any) -> None:
    """Make every table."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute_sql(statement)

"""Decisions: what a person did with one key or command, over one record or a thousand, and undoes as one."""

import json
from typing import Any

_DECISIONS = (
    "CREATE TABLE decision (id INTEGER PRIMARY KEY, connection_id INTEGER REFERENCES connection (id), "
    "directory TEXT NOT NULL, at BIGINT NOT NULL, who TEXT NOT NULL, login TEXT NOT NULL, kind TEXT NOT NULL, "
    "request TEXT NOT NULL)",
    # Whose decisions, the newest first.
    "CREATE INDEX decision_person ON decision (who, id)",
    "CREATE UNIQUE INDEX decision_request ON decision (request) WHERE request <> ''",
    # Entries about the built-in directory belong to the directory, and are there before any connection.
    "CREATE TABLE journal_new (id INTEGER PRIMARY KEY, connection_id INTEGER REFERENCES connection (id), "
    "directory TEXT NOT NULL, run_id INTEGER REFERENCES run (id), decision_id INTEGER REFERENCES decision (id), "
    "at BIGINT NOT NULL, finished_at BIGINT, who TEXT NOT NULL, login TEXT NOT NULL, action TEXT NOT NULL, "
    "state TEXT NOT NULL, side TEXT NOT NULL, xero_id TEXT NOT NULL, karbon_key TEXT NOT NULL, before TEXT NOT NULL, "
    "after TEXT NOT NULL, others_before TEXT NOT NULL, others_after TEXT NOT NULL, why TEXT NOT NULL, "
    "error TEXT NOT NULL, undoes INTEGER NOT NULL, version BIGINT NOT NULL, marker TEXT NOT NULL, "
    "request TEXT NOT NULL, xero_base TEXT NOT NULL, karbon_base TEXT NOT NULL, newest_known BIGINT NOT NULL)",
    # An undo says what it undoes in a column of its own, and no longer in its reason.
    "INSERT INTO journal_new SELECT id, connection_id, '', run_id, NULL, at, finished_at, who, '', action, state, "
    "side, xero_id, karbon_key, before, after, '{}', '{}', CASE WHEN why LIKE 'undo %' THEN '' ELSE why END, error, "
    "CASE WHEN why LIKE 'undo %' THEN CAST(substr(why, 6) AS INTEGER) ELSE 0 END, version, marker, request, "
    "xero_base, karbon_base, newest_known FROM journal",
    # Each old decision is one entry, and has its number.
    "INSERT INTO decision SELECT id, connection_id, '', at, who, '', CASE WHEN undoes THEN 'undo' ELSE action END, '' "
    "FROM journal_new WHERE run_id IS NULL AND (undoes OR why = 'edited here' OR action IN ('link', 'create', "
    "'create in Xero', 'archive', 'unlink', 'ignore', 'choose', 'add', 'type'))",
    "UPDATE journal_new SET decision_id = id WHERE id IN (SELECT id FROM decision)",
    # What it brought along: values of a link for Xero, and those of a choice, written before or after it was kept.
    "UPDATE journal_new SET decision_id = CAST(substr(why, 15) AS INTEGER) WHERE why LIKE 'with decision %' "
    "AND CAST(substr(why, 15) AS INTEGER) IN (SELECT id FROM decision)",
    "UPDATE journal_new AS j SET decision_id = (SELECT max(c.id) FROM journal_new c WHERE c.action = 'choose' "
    "AND c.connection_id = j.connection_id AND c.xero_id = j.xero_id AND c.id < j.id) "
    "WHERE j.action = 'update' AND j.why = 'a person chose Karbon''s value'",
    "UPDATE journal_new AS j SET decision_id = (SELECT min(c.id) FROM journal_new c WHERE c.action = 'choose' "
    "AND c.connection_id = j.connection_id AND c.xero_id = j.xero_id AND c.id > j.id) "
    "WHERE j.action = 'update' AND j.why = 'a person chose Xero''s value'",
    "DROP TABLE journal",
    "ALTER TABLE journal_new RENAME TO journal",
    "CREATE INDEX journal_contact ON journal (connection_id, xero_id)",
    "CREATE INDEX journal_key ON journal (karbon_key)",
    "CREATE INDEX journal_run ON journal (run_id)",
    "CREATE INDEX journal_decision ON journal (decision_id)",
    "CREATE INDEX journal_open ON journal (id) WHERE state = 'intended'",
)
_REQUESTS = (
    "DROP TABLE asked",
    "CREATE TABLE asked (id INTEGER PRIMARY KEY AUTOINCREMENT, who TEXT NOT NULL, login TEXT NOT NULL, "
    "what TEXT NOT NULL, arguments TEXT NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL, asked_at BIGINT NOT NULL, "
    "beat BIGINT NOT NULL)",
    "CREATE INDEX asked_waiting ON asked (id) WHERE state = 'waiting'",
)
_BRAKES = (
    # What a stopped run would have done, row by row: an approval covers these.
    "CREATE TABLE brake_row (connection_id INTEGER NOT NULL REFERENCES connection (id), xero_id TEXT NOT NULL, "
    "what TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (connection_id, xero_id, what)) WITHOUT ROWID",
    "UPDATE connection SET brake = ''",
)
_UNDO_OF_THE_FIRST_SYNC = (
    # Contacts that were made in Karbon and could not be deleted when that was undone.
    "CREATE TABLE made_for (connection_id INTEGER NOT NULL REFERENCES connection (id), xero_id TEXT NOT NULL, "
    "karbon_key TEXT NOT NULL, PRIMARY KEY (connection_id, xero_id)) WITHOUT ROWID",
)
_COUNTS = {
    "full match": "full_match",
    "left out": "left_out",
    "full match: card not read": "unread_matches",
    "new: person": "new_people",
    "new: organization": "new_organizations",
    "new: guess": "guesses",
    "to Karbon": "to_karbon",
    "to Xero": "to_xero",
    "field conflicts": "field_conflicts",
    "changed in Karbon": "changed_in_karbon",
    "changed in Xero": "changed_in_xero",
    "created in Xero": "created_in_xero",
    "left for the next run": "left_for_next_run",
    "waits for its card": "waits_for_card",
    "requests to Karbon": "karbon_requests",
    "day quota left": "day_left",
    "minute quota left": "minute_left",
}
_TABLES = {"conflict": "reasons", "overwrite": "overwrite", "fill": "fill", "only Karbon": "only_karbon"}
_FIELDS = {"name": "name", "billing email": "email", "primary phone": "phone", "billing address": "address"}


def up(migrator: Any, db: Any) -> None:
    """Make the tables, and tell old rows in their words."""
    for statement in (*_DECISIONS, *_REQUESTS, *_BRAKES, *_UNDO_OF_THE_FIRST_SYNC):
        db.execute_sql(statement)
    db.execute_sql("ALTER TABLE run ADD COLUMN login TEXT NOT NULL DEFAULT ''")
    rows = db.execute_sql("SELECT id, counts FROM run WHERE counts <> '{}'").fetchall()
    db.connection().executemany(
        "UPDATE run SET counts = ? WHERE id = ?", [(json.dumps(_named(json.loads(old))), run) for run, old in rows]
    )


def _named(old: dict[str, int]) -> dict[str, Any]:
    new: dict[str, Any] = {}
    for name, number in old.items():
        what, _, of = name.partition(": ")
        if what in _TABLES and of:
            new.setdefault(_TABLES[what], {})[_FIELDS.get(of, of)] = number
        else:
            new[_COUNTS.get(name, name)] = number
    return new

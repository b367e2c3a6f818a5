"""The index behind suggestions: which contacts have a block in common (domain.forms)."""

from typing import Any

_STATEMENTS = (
    # ``contacts``: rows of the side's mirror, four bytes each, so that entering many is a write for a block.
    "CREATE TABLE suggest_block (connection_id INTEGER NOT NULL REFERENCES connection (id), side TEXT NOT NULL, "
    "block INTEGER NOT NULL, contacts BLOB NOT NULL, PRIMARY KEY (connection_id, side, block)) WITHOUT ROWID",
    # ``version``: of the contact when it was entered. ``blocks``: four bytes each, to take them back by.
    "CREATE TABLE suggest_contact (connection_id INTEGER NOT NULL REFERENCES connection (id), side TEXT NOT NULL, "
    "contact INTEGER NOT NULL, version BIGINT NOT NULL, blocks BLOB NOT NULL, "
    "PRIMARY KEY (connection_id, side, contact)) WITHOUT ROWID",
)


def up(migrator: Any, db: Any) -> None:
    """Make both tables; they are filled when first needed."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)

"""An index that covers the search and the order of the built-in directory's list."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Make the index."""
    db.execute_sql(
        "CREATE INDEX directory_contact_search ON directory_contact (name_key, email, client_identifier, kind) "
        "WHERE deleted = 0"
    )

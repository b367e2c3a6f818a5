"""Person or organization: choices before a contact is made, guesses to look at afterwards, shapes of numbers."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """A table for choices, how sure a guess was, and no company number any more: only its shape."""
    db.execute_sql(
        "CREATE TABLE kind_choice (connection_id INTEGER NOT NULL REFERENCES connection (id), xero_id TEXT NOT NULL, "
        "kind TEXT NOT NULL, PRIMARY KEY (connection_id, xero_id)) WITHOUT ROWID"
    )
    db.execute_sql("ALTER TABLE plan_row ADD COLUMN guess INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("ALTER TABLE directory_contact ADD COLUMN kind_guess INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("CREATE INDEX directory_contact_guess ON directory_contact (name_key) WHERE kind_guess > 0")
    numbers = db.execute_sql("SELECT DISTINCT company_number FROM xero_contact WHERE company_number <> ''").fetchall()
    for (number,) in numbers:
        shape = "".join("9" if c.isdigit() else "A" if c.isalpha() else c for c in number)
        db.execute_sql("UPDATE xero_contact SET company_number = ? WHERE company_number = ?", (shape, number))

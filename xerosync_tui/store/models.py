"""The tables. Times are milliseconds since the epoch, UTC; addresses are JSON, empty text when not filled.

Models are bound to no database: every function of the store says which one it speaks to, so that two
stores can be open in one process. Indexes and triggers are in the migrations.
"""

from __future__ import annotations

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class ConnectionRow(Model):
    """One Xero organisation joined to one Karbon directory. At most one is active."""

    id = AutoField()
    organisation_id = TextField()  # tenantId
    organisation_name = TextField()
    short_code = TextField(default="")
    country = TextField(default="")
    xero_connection_id = TextField(default="")  # what DELETE /connections/{id} wants (xero.md 1.1)
    directory = TextField()
    state = TextField(default="connected")  # a ConnectionState
    state_reason = TextField(default="")
    active = BooleanField(default=True)
    import_filter = TextField(default="all")
    contact_type = TextField(default="")
    both_changed = TextField(default="ask")
    fill_xero_blanks = BooleanField(default=False)
    interval_seconds = IntegerField(default=300)
    connected_at = BigIntegerField()
    started_at = BigIntegerField(null=True)  # when a person said start; null: nothing may be applied
    previewed_at = BigIntegerField(null=True)
    plan_run = IntegerField(null=True)  # the run whose plan is being carried out; null: none is unfinished
    read_until = BigIntegerField(null=True)  # watermark: newest UpdatedDateUTC that is in the mirror
    directory_version = BigIntegerField(default=0)  # the same for the Karbon side
    brake = TextField(default="")  # JSON: what a run was stopped for, until it is approved or passes
    audited_at = BigIntegerField(null=True)  # when everything was last read and looked at
    quota_until = BigIntegerField(null=True)  # the day limit was used up, and this is when it goes on

    class Meta:
        table_name = "connection"


class KarbonAccountRow(Model):
    """An account of Karbon's API whose keys were given. None active: the built-in directory is in use."""

    id = AutoField()
    tenant_key = TextField()
    api_url = TextField()
    active = BooleanField()
    trouble = TextField(default="")  # why Karbon refused the keys, until new ones are given
    connected_at = BigIntegerField()
    contact_types = TextField(default="[]")  # JSON: names, as the tenant last told them
    phones = TextField(default="")  # labels by rank, empty: the usual ones
    addresses = TextField(default="")
    write_beside = BooleanField(default=False)  # also pairs that Karbon's own Xero sync links

    class Meta:
        table_name = "karbon_account"


class NativeLink(Model):
    """What Karbon's own integration links to a Xero contact, as it said when asked; no keys: nothing."""

    id = AutoField()
    connection = ForeignKeyField(ConnectionRow)
    xero_id = TextField()
    karbon_keys = TextField()  # with spaces between
    checked_at = BigIntegerField()

    class Meta:
        table_name = "native_link"


class LinkRow(Model):
    """A pairing, synced or unsynced, and its base: what each side held at the last acknowledgement.

    A Xero contact has one row whatever its state; a Karbon contact at most one *synced* row (engine.md 2.4);
    the second is a partial index in the migration.
    """

    id = AutoField()
    connection = ForeignKeyField(ConnectionRow)
    xero_id = TextField()
    karbon_key = TextField()
    state = TextField()  # a LinkState
    why = TextField()
    linked_at = BigIntegerField()
    synced_at = BigIntegerField()
    xero_name = TextField()
    xero_email = TextField()
    xero_phone = TextField()
    xero_address = TextField()
    karbon_name = TextField()
    karbon_email = TextField()
    karbon_phone = TextField()
    karbon_address = TextField()
    look = BooleanField(default=True)  # a side changed, or might have, since there was nothing left to do
    unfilled = TextField(default="")  # fields that only Karbon had when linked, and that never went over

    class Meta:
        table_name = "link"


class Issue(Model):
    """A Xero contact that waits, or waited, for a person; one row at most for each contact."""

    id = AutoField()
    connection = ForeignKeyField(ConnectionRow)
    xero_id = TextField()
    reason = TextField()
    state = TextField()  # an IssueState
    held = BooleanField()  # a person said no: never linked or created automatically again
    opened_at = BigIntegerField()

    class Meta:
        table_name = "issue"


class PlanRow(Model):
    """What the last plan decided for an unlinked Xero contact; the run that follows applies these rows.

    ``shown`` is the digest of what a person saw in the preview: the first sync applies a row only while that
    is still what it would do.
    """

    id = AutoField()
    connection = ForeignKeyField(ConnectionRow)
    xero_id = TextField()
    verdict = TextField()
    reason = TextField()
    karbon_key = TextField()
    shown = TextField()
    guess = IntegerField(default=0)  # percent, where what it becomes is a guess
    run = IntegerField()

    class Meta:
        table_name = "plan_row"


class FailedRecord(Model):
    """A remote record that could not be read or written, by name, with the reason (promise P16)."""

    id = AutoField()
    connection = ForeignKeyField(ConnectionRow)
    side = TextField()  # a FailedSide
    record = TextField()  # its ContactID, or its place in the answer when it has none
    name = TextField()
    reason = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "failed_record"


class Run(Model):
    """One execution of the sync."""

    id = AutoField()
    connection = ForeignKeyField(ConnectionRow)
    kind = TextField()  # a RunKind
    state = TextField()  # a RunState
    who = TextField()
    login = TextField(default="")
    started_at = BigIntegerField()
    finished_at = BigIntegerField(null=True)
    requests = IntegerField(default=0)
    counts = TextField(default="{}")
    error = TextField(default="")

    class Meta:
        table_name = "run"


class Decision(Model):
    """What a person did with one key or command, over one record or a thousand; undone as one."""

    id = AutoField()
    connection = ForeignKeyField(ConnectionRow, null=True)  # null: made before any connection
    directory = TextField()
    at = BigIntegerField()
    who = TextField()  # the name given by XEROSYNC_USER, else the login
    login = TextField()
    kind = TextField()  # the Action of its entries, or UNDO
    request = TextField()  # under which another process asked for it; at most one decision for each

    class Meta:
        table_name = "decision"


class JournalRow(Model):
    """Every write and every change of a link: intended, done or failed, with before, after, who and why."""

    id = AutoField()
    connection = ForeignKeyField(ConnectionRow, null=True)  # null: an entry of ``directory``
    directory = TextField()
    run = ForeignKeyField(Run, null=True)
    decision = ForeignKeyField(Decision, null=True)  # null: a run did it
    at = BigIntegerField()
    finished_at = BigIntegerField(null=True)
    who = TextField()
    login = TextField()
    action = TextField()
    state = TextField()  # an EntryState
    side = TextField()  # the Side that was written; empty where that is a link's or nobody's
    xero_id = TextField()
    karbon_key = TextField()
    before = TextField()  # JSON: the values that the write replaces
    after = TextField()
    others_before = TextField()  # JSON: the same of what a directory holds beside the four fields
    others_after = TextField()
    why = TextField()
    error = TextField()
    undoes = IntegerField()  # the entry that this one undoes; 0: none
    version = BigIntegerField()  # of the Karbon contact as it was stored
    marker = TextField()  # ContactNumber of a creation in Xero; temporary name of a swap
    request = TextField()  # Idempotency-Key of a creation in Xero
    xero_base = TextField()  # of a choice: what was agreed before both sides changed it
    karbon_base = TextField()
    newest_known = BigIntegerField()  # of a creation in Karbon: the newest mirrored contact before it

    class Meta:
        table_name = "journal"


class Holder(Model):
    """The process that holds the lock, and when it was last alive."""

    id = AutoField()
    pid = IntegerField()
    who = TextField()
    doing = TextField()
    since = BigIntegerField()
    beat = BigIntegerField()

    class Meta:
        table_name = "holder"


class Asked(Model):
    """A decision that another process asks the holder of the lock to carry out."""

    id = AutoField()
    who = TextField()
    login = TextField()
    what = TextField()
    arguments = TextField()  # JSON
    state = TextField()  # a RequestState
    answer = TextField()  # JSON, as far as it was done
    asked_at = BigIntegerField()
    beat = BigIntegerField()  # when its asker last showed that it waits

    class Meta:
        table_name = "asked"


class DirectoryType(Model):
    """A contact type of the built-in directory."""

    id = AutoField()
    name = TextField()

    class Meta:
        table_name = "directory_type"


class DirectoryContact(Model):
    """A person or organization of the built-in directory. Deleted ones stay as tombstones."""

    id = AutoField()
    key = TextField()
    kind = TextField()
    name = TextField()
    name_key = TextField(null=True)
    first_name = TextField(default="")
    middle_name = TextField(default="")
    last_name = TextField(default="")
    typed_name = TextField(default="[]")  # the parts as a person typed them
    email = TextField(default="")
    phone = TextField(default="")
    other_phones = TextField(default="[]")
    address = TextField(default="")
    contact_type = TextField(default="")
    client_identifier = TextField(default="")
    imported_as = TextField(null=True)  # a CSV row's identity: importing it twice adds nothing
    kind_reason = TextField(default="")
    kind_guess = IntegerField(default=0)  # percent, until a person has looked at it
    version = BigIntegerField()  # from one counter for the whole directory: "what changed since"
    deleted = BooleanField(default=False)

    class Meta:
        table_name = "directory_contact"


class Counter(Model):
    """Named values of this database: the directory's version counter and its identity."""

    name = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "counter"


class Secret(Model):
    """A value sealed by the vault."""

    name = TextField(primary_key=True)
    sealed = BlobField()
    changed_at = BigIntegerField()

    class Meta:
        table_name = "secret"

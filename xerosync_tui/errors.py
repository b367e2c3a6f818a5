"""Everything that can go wrong in words an admin can act on.

    XeroSyncError                 1  unexpected
    ├── UsageError                2  wrong usage, or no usable terminal
    ├── NeedsPerson               3  confirmation missing, brake, issues left
    ├── NotConnected              4  never connected, or disconnected
    │   └── ReconnectNeeded       4  the consent is gone or too narrow
    ├── RemoteError               5  refused or unreachable
    │   ├── RemoteRefused         5  it answered, and said no
    │   └── RemoteUnreachable     5  it did not answer, or something else answered for it
    ├── LockHeld                  6  another process holds the lock
    ├── QuotaUsedUp               7  until a stated time
    └── MachineError              8  config, database, disk, rights

Each carries what happened and what to do next; ``cli`` and the screens only print them.
"""

from __future__ import annotations

from datetime import datetime

from xerosync_tui.hints import Hint


class XeroSyncError(Exception):
    """Raised when a job cannot go on. ``str()`` is one line; ``hint`` is what helps, in words where no command does."""

    exit_code = 1

    def __init__(self, what: str, hint: Hint | str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    @property
    def next_step(self) -> str:
        """What helps somebody at a shell; may be empty."""
        return self.hint.as_command() if isinstance(self.hint, Hint) else self.hint


class UsageError(XeroSyncError):
    """Raised when the command's words do not fit together, or name something that is not there."""

    exit_code = 2


class NeedsPerson(XeroSyncError):
    """Raised when a person must confirm or decide first."""

    exit_code = 3


class NotConnected(XeroSyncError):
    """Raised when a job needs a connection and there is none."""

    exit_code = 4


class ReconnectNeeded(NotConnected):
    """Raised when the consent is expired, revoked, too narrow, or the organisation is gone."""


class RemoteError(XeroSyncError):
    """Raised when a remote system did not do what was asked."""

    exit_code = 5


class RemoteRefused(RemoteError):
    """Raised when the remote answered and refused; ``status`` is the HTTP status."""

    def __init__(self, what: str, hint: Hint | str = "", *, status: int = 0) -> None:
        super().__init__(what, hint)
        self.status = status


class RemoteUnreachable(RemoteError):
    """Raised when no answer came, or what came was not the remote's (a proxy's page, a cut body)."""


class LockHeld(XeroSyncError):
    """Raised when another process is running a sync."""

    exit_code = 6


class QuotaUsedUp(XeroSyncError):
    """Raised when the day quota is spent; ``until`` is when it resets (UTC), if the remote said."""

    exit_code = 7

    def __init__(self, what: str, hint: Hint | str = "", *, until: datetime | None = None) -> None:
        super().__init__(what, hint)
        self.until = until


class MachineError(XeroSyncError):
    """Raised when this machine stands in the way: config, database, disk, rights."""

    exit_code = 8

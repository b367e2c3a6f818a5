"""Whatever happens, one clear line and an exit code; details of the unexpected go to the log."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable

from xerosync_tui.cli import streams
from xerosync_tui.domain.display import clean
from xerosync_tui.errors import MachineError, XeroSyncError
from xerosync_tui.log import record

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def in_one_line(work: Callable[[], int]) -> int:
    """The exit code of ``work``, or that of what went wrong."""
    try:
        code = _exit_code(work)
        sys.stdout.flush()
        return code
    except XeroSyncError as error:
        return _say(error)
    except KeyboardInterrupt:
        streams.tell("xerosync: Interrupted; what was done stays done.")
        return 130
    except BrokenPipeError:
        streams.discard(sys.stdout)  # the reader (head, less) has gone; nothing is wrong
        return 0
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _unexpected(error)
        streams.discard(sys.stdout)
        return _say(MachineError(f"Cannot write: {error.strerror}", "Make room where the output goes."))
    except Exception as error:
        return _unexpected(error)


def is_foreseen(error: Exception) -> bool:
    """Whether ``in_one_line`` has words for it, rather than a log."""
    no_room = isinstance(error, OSError) and error.errno in _NO_ROOM
    return isinstance(error, XeroSyncError | BrokenPipeError) or no_room


def _exit_code(work: Callable[[], int]) -> int:
    try:
        return work()
    except SystemExit as done:  # argparse, after --help, --version or wrong usage
        return done.code if isinstance(done.code, int) else 0


def _say(error: XeroSyncError) -> int:
    what = clean(error.what)
    end = "" if what.endswith((".", "?", "!")) else "."
    streams.tell(f"xerosync: {what}{end}" + (f" {clean(error.next_step)}" if error.next_step else ""))
    return error.exit_code


def _unexpected(error: Exception) -> int:
    """One line, and the traceback's places (never its values: they may hold a token) in the log."""
    place = record(error)
    streams.tell(f"xerosync: unexpected error: {type(error).__name__}. {clean(place)}")
    return 1

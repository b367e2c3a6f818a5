"""Whatever happens, one clear line and an exit code; details of the unexpected go to the log."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from xerosync_tui.cli import streams
from xerosync_tui.domain.display import clean
from xerosync_tui.errors import MachineError, XeroSyncError

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
    place = _log(error)
    streams.tell(f"xerosync: unexpected error: {type(error).__name__}. {clean(place)}")
    return 1


def _log(error: Exception) -> str:
    import traceback

    from xerosync_tui.settings import load_settings

    lines = [f"{datetime.now(UTC).isoformat(timespec='seconds')} {type(error).__name__}"]
    lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    try:
        folder = load_settings().log_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "errors.log"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as log:
            log.write("\n".join(lines) + "\n")
    except Exception:  # this is the last resort: it must not fail in its turn
        return "Its place: " + lines[-1].strip()
    return f"Details: {path}"

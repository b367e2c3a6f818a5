"""The log of unexpected errors: places in the code, never values, since those may hold a token."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path


def record(error: BaseException, folder: Path | None = None) -> str:
    """Where the details are now, as a sentence; the place itself where no log can be written.

    ``folder`` is the ``log_dir`` of the settings in force; without it, those of the environment are asked.
    """
    from xerosync_tui.settings import load_settings

    lines = [f"{datetime.now(UTC).isoformat(timespec='seconds')} {type(error).__name__}"]
    lines += [f"  {where}" for where in _places(error)]
    try:
        folder = folder or load_settings().log_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "errors.log"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as log:
            log.write("\n".join(lines) + "\n")
    except Exception:  # this is the last resort: it must not fail in its turn
        return place(error)
    return f"Details: {path}"


def place(error: BaseException) -> str:
    """Where it happened, as a sentence."""
    return f"Its place: {(_places(error) or ['unknown'])[-1]}"


def _places(error: BaseException) -> list[str]:
    import traceback

    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]

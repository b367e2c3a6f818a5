"""The sandbox's own time."""

import time
from datetime import UTC, datetime


class Clock:
    """Real time plus an offset in seconds that the controls move."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """Seconds since the epoch, in the sandbox's time."""
        return time.time() + self.offset

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def iso(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat()

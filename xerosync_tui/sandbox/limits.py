"""Xero's rate limits: per tenant 60 a minute, 1,000 a day, 5 at once; 10,000 a minute over all (xero.md 4)."""

import math
from collections import defaultdict
from dataclasses import dataclass

from xerosync_tui.sandbox.options import Limits

MINUTE, DAY = 60.0, 86_400.0
APP_MINUTE = 10_000


@dataclass(slots=True)
class Window:
    """A fixed window that opens with the first call after the last one ended, so each tenant has its own."""

    length: float
    opened: float = -math.inf
    count: int = 0

    def at(self, now: float) -> "Window":
        if not self.opened <= now < self.opened + self.length:
            self.opened, self.count = now, 0
        return self

    def left(self, limit: int | None, nominal: int) -> int:
        """What remains of `limit`; of one that is switched off, always the nominal number."""
        return nominal if limit is None else max(0, limit - self.count)

    def retry_after(self, now: float) -> int:
        return max(1, math.ceil(self.opened + self.length - now))


class TenantMeter:
    """What one tenant has used."""

    def __init__(self) -> None:
        self.minute = Window(MINUTE)
        self.day = Window(DAY)
        self.running = 0


@dataclass(frozen=True, slots=True)
class Excess:
    """Which limit a request hits (the value of X-Rate-Limit-Problem) and for how many seconds, where Xero says so."""

    problem: str
    retry_after: int | None


class RateLimiter:
    """Counts requests; a refused one is not counted."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.app_minute = Window(MINUTE)
        self._meters: dict[str, TenantMeter] = defaultdict(TenantMeter)

    def enter(self, tenant: str, now: float) -> Excess | None:
        """Counts a request as running, or says why it must wait. Pair each None with a `leave`."""
        meter, app = self._meters[tenant], self.app_minute.at(now)
        minute, day = meter.minute.at(now), meter.day.at(now)
        if self.limits.concurrent is not None and meter.running >= self.limits.concurrent:
            return Excess("concurrent", None)
        if self.limits.day is not None and day.count >= self.limits.day:
            return Excess("day", day.retry_after(now))
        if self.limits.minute is not None and minute.count >= self.limits.minute:
            return Excess("minute", minute.retry_after(now))
        if app.count >= APP_MINUTE and self.limits.minute is not None:
            return Excess("appminute", app.retry_after(now))
        meter.running += 1
        for window in (minute, day, app):
            window.count += 1
        return None

    def leave(self, tenant: str) -> None:
        self._meters[tenant].running -= 1

    def headers(self, tenant: str, now: float) -> dict[str, str]:
        """The three headers of every tenant-scoped answer, errors included (xero.md 4)."""
        meter = self._meters[tenant]
        return {
            "X-DayLimit-Remaining": str(meter.day.at(now).left(self.limits.day, 1000)),
            "X-MinLimit-Remaining": str(meter.minute.at(now).left(self.limits.minute, 60)),
            "X-AppMinLimit-Remaining": str(self.app_minute.at(now).left(APP_MINUTE, APP_MINUTE)),
        }

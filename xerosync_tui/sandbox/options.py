"""What can be chosen when a sandbox starts."""

from dataclasses import dataclass, field
from pathlib import Path

CLIENT_ID = "SANDBOXCLIENTID0000000000000000AB"
REDIRECT_URIS = tuple(f"http://localhost:{port}/callback" for port in (8742, 8743, 8744))


class SandboxInputError(ValueError):
    """Raised when a file given to the sandbox cannot be read; one line: file, line, reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Xero's rate limits per app and tenant (xero.md 4) and Karbon's (karbon.md 2.2); None switches one off."""

    minute: int | None = 60
    day: int | None = 1000
    concurrent: int | None = 5
    karbon_minute: int | None = 120


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """The sandbox to build: the same options give the same contacts with the same ids.

    `size` is about the number of Xero contacts; `port` 0 takes any free one. `xero_csv` is Xero's own contact
    export and replaces the generated contacts of the main organisation. `karbon` adds a Karbon with the practice's
    contacts.
    """

    seed: int = 1
    size: int = 250
    port: int = 0
    xero_csv: Path | None = None
    redirect_uris: tuple[str, ...] = REDIRECT_URIS
    client_id: str = CLIENT_ID
    limits: Limits = field(default_factory=Limits)
    karbon: bool = False

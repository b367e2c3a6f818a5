"""What the authority hands out: grants, codes, tokens, connections; and the look of a token."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ACCESS_SECONDS = 1800
REFRESH_SECONDS = 60 * 86_400
GRACE_SECONDS = 1800
CODE_SECONDS = 300
USER_ID = "5b0e2f0a-6f9e-4a6e-9f4b-0c6a2f6d1c11"
USER = {
    "email": "robin.keeper@example.com.au",
    "given_name": "Robin",
    "family_name": "Keeper",
    "name": "Robin Keeper",
}


@dataclass(frozen=True, slots=True)
class AuthorisationRequest:
    """A sign-in that waits for the user's decision."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    state: str | None


@dataclass(slots=True)
class Grant:
    """One consent. `revoked` ends all its tokens."""

    event_id: str
    scopes: tuple[str, ...]
    authorised: float
    revoked: bool = False


@dataclass(slots=True)
class Code:
    request: AuthorisationRequest
    grant: Grant
    expires: float


@dataclass(frozen=True, slots=True)
class AccessToken:
    grant: Grant
    expires: float


@dataclass(slots=True)
class RefreshToken:
    """`used` is when it was first exchanged, `successor` what it was exchanged for last."""

    grant: Grant
    expires: float
    used: float | None = None
    successor: "RefreshToken | None" = None
    dead: bool = False


@dataclass(slots=True)
class Connection:
    """The user's connection of one tenant to the app (xero.md 1.7). `id` is not the tenant's."""

    id: str
    tenant_id: str
    tenant_type: str
    tenant_name: str
    event_id: str
    created: float
    updated: float = field(default=0.0)

    def view(self) -> dict[str, str]:
        return {
            "id": self.id,
            "authEventId": self.event_id,
            "tenantId": self.tenant_id,
            "tenantType": self.tenant_type,
            "tenantName": self.tenant_name,
            "createdDateUtc": _seven_digits(self.created),
            "updatedDateUtc": _seven_digits(self.updated),
        }


def challenge_of(verifier: str) -> str:
    """base64url(SHA-256(verifier)) without padding (xero.md 1.3)."""
    return _base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def looks_like_jwt(claims: dict[str, Any]) -> str:
    """A token in the shape of a JWT; the signature is random, so it is worth nothing elsewhere."""
    header = {"alg": "RS256", "kid": "SANDBOX", "typ": "JWT"}
    parts = [_base64url(json.dumps(part).encode()) for part in (header, claims)]
    return ".".join([*parts, secrets.token_urlsafe(86)])


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _seven_digits(seconds: float) -> str:
    """ISO without zone, 7 fraction digits, e.g. 2019-12-07T18:46:19.5165400 (xero.md 1.7)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"

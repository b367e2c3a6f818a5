"""Xero's identity service: consent, codes, tokens and connections of one app and one user (xero.md 1)."""

import re
import secrets
import uuid
from collections.abc import Iterable, Mapping

from xerosync_tui.sandbox.clock import Clock
from xerosync_tui.sandbox.organisation import Organisation
from xerosync_tui.sandbox.tokens import (
    ACCESS_SECONDS,
    CODE_SECONDS,
    GRACE_SECONDS,
    REFRESH_SECONDS,
    USER,
    USER_ID,
    AccessToken,
    AuthorisationRequest,
    Code,
    Connection,
    Grant,
    RefreshToken,
    challenge_of,
    looks_like_jwt,
)

_ACCOUNTING = (
    "contacts",
    "settings",
    "attachments",
    "invoices",
    "payments",
    "banktransactions",
    "manualjournals",
    "budgets",
    "journals",
)
SCOPES = frozenset({"openid", "profile", "email", "offline_access"}) | {
    f"accounting.{name}{suffix}" for name in _ACCOUNTING for suffix in ("", ".read")
}
"""What a new app may ask for; the broad scopes (accounting.transactions ...) are retired (xero.md 1.5)."""

MOST_REDIRECT_URIS = 50

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_REDIRECT_URI = re.compile(r"(https://[^*\s/]+|http://localhost(:\d+)?)(/[^*\s]*)?")
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")


class AuthorisationError(Exception):
    """Raised for an authorisation request that Xero answers with an error page, never with a redirect."""


class TokenError(Exception):
    """Raised for a refused token request; the text is the OAuth error code."""


class Authority:
    """Signs the sandbox's one user in and says which organisations the app may see."""

    def __init__(
        self, client_id: str, redirect_uris: Iterable[str], tenants: Iterable[Organisation], clock: Clock
    ) -> None:
        self.client_id = client_id
        self.redirect_uris: set[str] = set()
        self.register(redirect_uris)
        self.tenants = {tenant.tenant_id: tenant for tenant in tenants}
        self.clock = clock
        self.connections: dict[str, Connection] = {}
        self.next_decision: tuple[str, list[str]] | None = None
        self._granted: dict[str, None] = {}
        self._grants: list[Grant] = []
        self._waiting: dict[str, AuthorisationRequest] = {}
        self._codes: dict[str, Code] = {}
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, RefreshToken] = {}

    def register(self, uris: Iterable[str]) -> None:
        """Adds redirect URIs to the app; ValueError for one that Xero does not take (xero.md 1.4)."""
        wanted = self.redirect_uris.union(uris)
        for uri in wanted:
            if not _REDIRECT_URI.fullmatch(uri):
                raise ValueError(f"{uri}: only https and http://localhost, no wildcard")
        if len(wanted) > MOST_REDIRECT_URIS:
            raise ValueError(f"at most {MOST_REDIRECT_URIS} redirect URIs")
        self.redirect_uris = wanted

    # The authorisation page

    def begin(self, query: Mapping[str, str]) -> str:
        """Checks an authorisation request and returns the id under which it waits; raises AuthorisationError."""
        scopes = tuple(dict.fromkeys(query.get("scope", "").split()))
        if query.get("client_id") != self.client_id:
            raise AuthorisationError("unauthorized_client : Unknown client or client not enabled")
        if query.get("redirect_uri") not in self.redirect_uris:
            raise AuthorisationError("unauthorized_client : Invalid redirect_uri")
        if query.get("response_type") != "code":
            raise AuthorisationError("unsupported_response_type : Invalid response_type")
        if not scopes or not SCOPES.issuperset(scopes):
            raise AuthorisationError("invalid_scope : Invalid scope")
        challenge = query.get("code_challenge", "")
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
            raise AuthorisationError("invalid_request : code challenge required")
        request_id = secrets.token_urlsafe(16)
        self._waiting[request_id] = AuthorisationRequest(
            self.client_id, query["redirect_uri"], scopes, challenge, query.get("state")
        )
        return request_id

    def waiting(self, request_id: str) -> AuthorisationRequest:
        """The request that waits under this id; raises AuthorisationError for an unknown or answered one."""
        try:
            return self._waiting[request_id]
        except KeyError:
            raise AuthorisationError("invalid_request : the sign-in is no longer waiting") from None

    def deny(self, request_id: str) -> AuthorisationRequest:
        request = self.waiting(request_id)
        del self._waiting[request_id]
        return request

    def allow(self, request_id: str, tenant_ids: Iterable[str]) -> tuple[AuthorisationRequest, str, Grant]:
        """Connects the chosen tenants; returns the request, the code and the grant."""
        request = self.deny(request_id)
        # Scopes only grow: a later consent adds to the earlier ones (xero.md 1.5).
        self._granted |= dict.fromkeys(request.scopes)
        grant = Grant(str(uuid.uuid4()), tuple(self._granted), self.clock.now())
        self._grants.append(grant)
        for tenant_id in tenant_ids:
            self._connect(self.tenants[tenant_id], grant)
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(request, grant, self.clock.now() + CODE_SECONDS)
        return request, code, grant

    def _connect(self, tenant: Organisation, grant: Grant) -> None:
        now = self.clock.now()
        known = self.connection_of(tenant.tenant_id)
        if known is None:
            known = Connection(str(uuid.uuid4()), tenant.tenant_id, tenant.kind, tenant.name, grant.event_id, now)
            self.connections[known.id] = known
        known.event_id, known.updated = grant.event_id, now

    # The token endpoint

    def exchange(self, form: Mapping[str, str]) -> dict[str, object]:
        """A code for tokens; a code serves once, whatever comes of it. Raises TokenError."""
        code = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        if (
            code is None
            or self.clock.now() >= code.expires
            or form.get("redirect_uri") != code.request.redirect_uri
            or not _VERIFIER.fullmatch(verifier)
            or challenge_of(verifier) != code.request.challenge
        ):
            raise TokenError("invalid_grant")
        return self._issue(code.grant, None)

    def refresh(self, form: Mapping[str, str]) -> dict[str, object]:
        """New tokens for a refresh token; the old one serves again for 30 minutes, as long as its successor did not.

        A repetition ends the successor: of two copies refreshing by themselves, one gets invalid_grant (xero.md 1.6).
        """
        now, token = self.clock.now(), self._refresh.get(form.get("refresh_token", ""))
        if token is None or token.dead or token.grant.revoked or now >= token.expires:
            raise TokenError("invalid_grant")
        if token.used is not None and token.successor is not None:
            if token.successor.used is not None or now >= token.used + GRACE_SECONDS:
                raise TokenError("invalid_grant")
            token.successor.dead = True
        token.used = now if token.used is None else token.used
        return self._issue(token.grant, token)

    def revoke(self, refresh_token: str) -> None:
        """Ends the grant and removes all the user's connections to the app (xero.md 1.1); unknown tokens do nothing."""
        token = self._refresh.get(refresh_token)
        if token is None:
            return
        for grant in self._grants:
            grant.revoked = True
        self.connections.clear()
        self._granted.clear()

    def _issue(self, grant: Grant, predecessor: RefreshToken | None) -> dict[str, object]:
        now = self.clock.now()
        access = looks_like_jwt(self._claims(grant))
        self._access[access] = AccessToken(grant, now + ACCESS_SECONDS)
        answer: dict[str, object] = {
            "access_token": access,
            "expires_in": ACCESS_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(grant.scopes),
        }
        if "openid" in grant.scopes:
            answer["id_token"] = looks_like_jwt(self._claims(grant) | USER)
        if "offline_access" in grant.scopes:
            answer["refresh_token"] = text = secrets.token_urlsafe(32)
            self._refresh[text] = RefreshToken(grant, now + REFRESH_SECONDS)
            if predecessor is not None:
                predecessor.successor = self._refresh[text]
        return answer

    def _claims(self, grant: Grant) -> dict[str, object]:
        now = int(self.clock.now())
        return {
            "nbf": now,
            "exp": now + ACCESS_SECONDS,
            "iss": "https://identity.xero.com",
            "aud": "https://identity.xero.com/resources",
            "client_id": self.client_id,
            "sub": USER_ID.replace("-", ""),
            "auth_time": int(grant.authorised),
            "xero_userid": USER_ID,
            "global_session_id": grant.event_id.replace("-", ""),
            "jti": secrets.token_hex(16),
            "authentication_event_id": grant.event_id,
            "scope": list(grant.scopes),
        }

    # What the APIs ask

    def access(self, token: str) -> AccessToken | None:
        """The access token of this text, expired or not; None for an unknown or revoked one."""
        found = self._access.get(token)
        return None if found is None or found.grant.revoked else found

    def connection_of(self, tenant_id: str) -> Connection | None:
        return next((item for item in self.connections.values() if item.tenant_id == tenant_id), None)

"""The accounting API: who is let in, how fast, and what answers (xero.md 1.8, 2.1, 3 and 4)."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from xerosync_tui.sandbox import answers
from xerosync_tui.sandbox.answers import Refusal
from xerosync_tui.sandbox.call import Call
from xerosync_tui.sandbox.contacts_read import get_contact, list_contacts
from xerosync_tui.sandbox.contacts_write import create_contacts, save_contacts, update_contact
from xerosync_tui.sandbox.faults import Fault, delay
from xerosync_tui.sandbox.idempotency import KEPT_SECONDS, LONGEST_KEY, Kept, KeyReused
from xerosync_tui.sandbox.organisation import Organisation
from xerosync_tui.sandbox.render import msdate
from xerosync_tui.sandbox.tokens import AccessToken
from xerosync_tui.sandbox.world import World

Endpoint = Callable[[Call], Response]
WRITES = ("POST", "PUT", "PATCH")


async def accounting(world: World, request: Request, fault: Fault | None) -> Response:
    """The answer to any request below /api.xro/2.0/. Raises Refusal for one that is not let in."""
    body = await request.body()
    token = bearer(world, request)
    organisation = _organisation(world, request)
    scopes, endpoint = _route(request.method, request.path_params["path"])
    tenant = organisation.tenant_id
    if scopes and not set(scopes).intersection(token.grant.scopes):
        return _metered(world, tenant, answers.insufficient_scope())
    if excess := world.limiter.enter(tenant, world.clock.now()):
        return _metered(world, tenant, answers.too_many(excess.problem, excess.retry_after))
    call = Call(world, request, body, organisation, fault)
    try:
        await delay(fault)
        return _metered(world, tenant, _once(call, endpoint))
    finally:
        world.limiter.leave(tenant)


def bearer(world: World, request: Request) -> AccessToken:
    """The access token of a request; raises Refusal with a 401 (xero.md 1.8)."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    token = world.authority.access(text) if scheme.lower() == "bearer" else None
    if token is None:
        raise Refusal(answers.unauthorized())
    if world.clock.now() >= token.expires:
        raise Refusal(answers.unauthorized(expired_detail(token.expires)))
    return token


def expired_detail(seconds: float) -> str:
    return f"TokenExpired: token expired at {datetime.fromtimestamp(seconds, UTC):%m/%d/%Y %H:%M:%S}"


def _organisation(world: World, request: Request) -> Organisation:
    tenant_id = request.headers.get("xero-tenant-id", "").lower()
    connection = world.authority.connection_of(tenant_id)
    if connection is None or connection.tenant_type != "ORGANISATION":
        raise Refusal(answers.forbidden())
    return world.organisations[tenant_id]


def _metered(world: World, tenant: str, response: Response) -> Response:
    for name, value in world.limiter.headers(tenant, world.clock.now()).items():
        response.headers[name] = value
    return response


def _once(call: Call, endpoint: Endpoint) -> Response:
    """The answer, kept under the Idempotency-Key of a write: errors too (xero.md 3)."""
    key = call.request.headers.get("idempotency-key")
    method, tenant, now = call.request.method, call.organisation.tenant_id, call.world.clock.now()
    if key is None or method not in WRITES:
        return _perform(call, endpoint)
    if len(key) > LONGEST_KEY:
        return _bad_key(call, f"The Idempotency-Key must not be longer than {LONGEST_KEY} characters")
    try:
        kept = call.world.idempotency.find(tenant, key, method, call.target, call.body, now)
    except KeyReused:
        return _bad_key(call, "The Idempotency-Key was used for another request")
    if kept is not None:
        return kept
    response = _perform(call, endpoint)
    call.world.idempotency.keep(tenant, key, Kept(method, call.target, call.body, response, now + KEPT_SECONDS))
    return response


def _perform(call: Call, endpoint: Endpoint) -> Response:
    if call.suffers("server_error"):
        return answers.bare(500, call.world.switches["error_bodies"])
    return endpoint(call)


def _bad_key(call: Call, message: str) -> Response:
    return answers.api_exception(call.request, 10, "IdempotencyException", message)


def _route(method: str, path: str) -> tuple[tuple[str, ...], Endpoint]:
    """Scopes (any of them) and endpoint; 501 for a method Xero has not, 404 for an unknown path."""
    read, write = ("accounting.contacts", "accounting.contacts.read"), ("accounting.contacts",)
    resource, _, key = path.rstrip("/").partition("/")
    endpoints: dict[tuple[str, bool, str], tuple[tuple[str, ...], Endpoint]] = {
        ("Contacts", False, "GET"): (read, list_contacts),
        ("Contacts", False, "PUT"): (write, create_contacts),
        ("Contacts", False, "POST"): (write, save_contacts),
        ("Contacts", True, "GET"): (read, lambda call: get_contact(call, key)),
        ("Contacts", True, "POST"): (write, lambda call: update_contact(call, key)),
        ("Organisation", False, "GET"): (("accounting.settings", "accounting.settings.read"), get_organisation),
    }
    known = {(name, has_key) for name, has_key, _ in endpoints}
    if (resource, bool(key)) not in known:
        return (), lambda call: answers.not_found()
    not_implemented: Endpoint = lambda call: answers.bare(501, call.world.switches["error_bodies"])  # noqa: E731
    return endpoints.get((resource, bool(key), method), ((), not_implemented))


def get_organisation(call: Call) -> Response:
    """GET /Organisation: name, country, currency and the ShortCode of deep links (xero.md 7)."""
    organisation = call.organisation
    element = {
        "OrganisationID": organisation.tenant_id,
        "Name": organisation.name,
        "LegalName": organisation.name,
        "PaysTax": True,
        "Version": organisation.country,
        "OrganisationType": "COMPANY",
        "BaseCurrency": "AUD",
        "CountryCode": organisation.country,
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 30,
        "FinancialYearEndMonth": 6,
        "CreatedDateUTC": msdate(1_700_000_000_000),
        "Timezone": "AUSEASTERNSTANDARDTIME",
        "ShortCode": organisation.short_code,
        "Edition": "BUSINESS",
        "Class": "PREMIUM",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
    return call.answer("Organisations", [element])

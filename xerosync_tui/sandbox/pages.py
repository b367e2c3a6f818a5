"""The sandbox's HTML: consent, Xero's error page, and a contact to look at. Everything from outside is escaped."""

from collections.abc import Iterable
from html import escape

from xerosync_tui.sandbox.contact import Contact
from xerosync_tui.sandbox.organisation import Organisation
from xerosync_tui.sandbox.tokens import AuthorisationRequest

_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}
table{{border-collapse:collapse}}td,th{{text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0}}
button{{font:inherit;padding:.4rem 1rem;margin-right:.5rem}}</style></head><body>{body}</body></html>"""


def page(title: str, body: str) -> str:
    return _FRAME.format(title=escape(title), body=body)


def consent_page(request_id: str, request: AuthorisationRequest, tenants: Iterable[Organisation], note: str) -> str:
    """The form that answers an authorisation request: which organisations, allow or deny."""
    boxes = "".join(
        f'<p><label><input type="checkbox" name="tenant" value="{escape(tenant.tenant_id)}"> '
        f"{escape(tenant.name)} ({escape(tenant.kind.lower())})</label></p>"
        for tenant in tenants
    )
    scopes = "".join(f"<li>{escape(scope)}</li>" for scope in request.scopes)
    return page(
        "Sandbox: allow access",
        f"<h1>Sandbox of Xero</h1><p>An app wants access to the organisations you choose:</p>{escape(note)}"
        f'<form method="post"><input type="hidden" name="request" value="{escape(request_id)}">{boxes}'
        f"<p>It asks for</p><ul>{scopes}</ul>"
        '<button name="decision" value="allow">Allow access</button>'
        '<button name="decision" value="deny">Cancel</button></form>',
    )


def error_page(message: str) -> str:
    """What Xero shows for a wrong client_id, redirect_uri or scope: nothing comes back to the app (xero.md 1.4)."""
    return page("Error", f"<h1>Sorry, something went wrong</h1><p>Error code: 500</p><p>Error: {escape(message)}</p>")


def contact_page(organisation: Organisation, contact: Contact) -> str:
    """A contact as the web app would show it, read-only."""
    rows = [*contact.text.items(), ("ContactStatus", contact.status)]
    for kind, parts in [*contact.phones.items(), *contact.addresses.items()]:
        rows.append((kind, ", ".join(text for text in parts.values() if text)))
    table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return page(
        contact.name, f"<p>{escape(organisation.name)}</p><h1>{escape(contact.name)}</h1><table>{table}</table>"
    )

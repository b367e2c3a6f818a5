"""Karbon's refusals in its two shapes (karbon.md 2.11)."""

from starlette.responses import JSONResponse

from xerosync_tui.sandbox.answers import Refusal


def refusal(status: int, code: str, message: str) -> Refusal:
    """A refusal of the API itself: `{"error": {"code", "message"}}`."""
    return Refusal(JSONResponse({"error": {"code": code, "message": message}}, status))


def bad_request(message: str) -> Refusal:
    """400, code 4002: an option, operator, property or value that the API does not take."""
    return refusal(400, "4002", message)


def missing(what: str) -> Refusal:
    return refusal(400, "4005", f"Required payload data is missing: {what}")


def unauthorized(message: str, shape: str) -> Refusal:
    body: dict[str, object] = {"statusCode": "401", "message": message}
    return Refusal(JSONResponse({"error": body} if shape == "nested" else body, 401))


def forbidden() -> Refusal:
    """403 for an endpoint that the application was not granted; nobody documents the body."""
    return Refusal(JSONResponse({"statusCode": "403", "message": "Forbidden"}, 403))


def unknown_key(message: str) -> Refusal:
    return refusal(404, "4004", message)


def unknown_path() -> Refusal:
    return Refusal(JSONResponse({"statusCode": "404", "message": "Resource not found"}, 404))


def unknown_uri(uri: str) -> Refusal:
    """The same in the API's own shape."""
    return refusal(404, "4002", f"No HTTP resource was found that matches the request URI '{uri}'.")


def stale() -> Refusal:
    message = "The resource was modified by another request. Refetch the latest version and retry."
    return refusal(409, "4020", message)


def too_many(seconds: int) -> Refusal:
    message = f"Rate limit is exceeded. Try again in {seconds} seconds."
    return Refusal(JSONResponse({"statusCode": "429", "message": message}, 429, {"Retry-After": str(seconds)}))


def internal(message: str = "Internal Error.") -> Refusal:
    """500, code 5001: a real fault, and just as well a mistake of the client."""
    return refusal(500, "5001", message)

"""Transport trouble in words, impostors, retries; over real sockets, answered byte by byte."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import traceback
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from xerosync_tui.errors import RemoteUnreachable
from xerosync_tui.remotes import http
from xerosync_tui.remotes.http import ConnectionLost, Reply


@asynccontextmanager
async def answering(
    answer: bytes | None, tls: ssl.SSLContext | None = None, end: bytes = b"\r\n\r\n"
) -> AsyncIterator[str]:
    """A server that answers what ``end``s with these bytes and closes; None: never answers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(end)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{port}/path"
    finally:
        server.close()


def response(status: str, body: bytes, kind: str = "application/json", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body


async def get(url: str) -> Reply:
    async with http.new_client() as client:
        return await http.exchange(client, "GET", url, headers={"X-Secret": "hush"})


def test_every_request_says_who_asks_and_wants_json() -> None:
    client = http.new_client()
    assert client.headers["Accept"] == "application/json"
    assert client.headers["User-Agent"].startswith("xerosync/")
    assert client.follow_redirects is False
    assert client.timeout.read == 30


async def test_an_answer_is_handed_on() -> None:
    async with answering(response("200 OK", b'{"a": 1}')) as url:
        reply = await get(url)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b'{"a": 1}', "application/json")


@pytest.mark.parametrize(
    "answer",
    [
        response("400 Bad Request", b'{"Message": "no"}'),
        response("404 Not Found", b"", "text/html"),
        response("404 Not Found", b"The resource you're looking for cannot be found", "text/html"),
        response("429 Too Many Requests", b""),
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
)
async def test_what_only_the_remote_says_is_its_answer(answer: bytes) -> None:
    async with answering(answer) as url:
        assert (await get(url)).status == int(answer[9:12])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (response("200 OK", b"<!DOCTYPE html><p>Sign in", "text/html"), "in its place"),
        (response("200 OK", b"\xef\xbb\xbf\n <HTML>", "application/json"), "in its place"),
        (response("403 Forbidden", b"<html>Blocked by policy", "text/html"), "in its place"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\nContent-Length: 0\r\n\r\n", "HTTP 302"),
        (response("407 Proxy Authentication Required", b""), "HTTP 407"),
    ],
)
async def test_impostors_are_told_apart(answer: bytes, words: str) -> None:
    async with answering(answer) as url:
        with pytest.raises(RemoteUnreachable, match=words) as raised:
            await get(url)
    assert not isinstance(raised.value, ConnectionLost)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (response("200 OK", b""), "was empty"),
        (response("200 OK", b'{"Contacts": [{"Na'), "was cut off"),
        (response("200 OK", b'{"a"', length=900), "broke off"),
        (b"", "broke off"),
        (b"nonsense\r\n\r\n", "broke off"),
        (response("500 Oh", b"{}"), "in trouble"),
        (response("502 Bad Gateway", b"<html>", "text/html"), "in trouble"),
        (response("503 Offline", b"offline", "text/plain"), "in trouble"),
    ],
)
async def test_lost_answers_are_worth_another_try(answer: bytes, words: str) -> None:
    async with answering(answer) as url:
        with pytest.raises(ConnectionLost, match=words) as raised:
            await get(url)
    assert "127.0.0.1" in raised.value.what
    assert raised.value.next_step


async def test_a_refused_connection_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(ConnectionLost, match=f"127.0.0.1:{port} refuses the connection"):
        await get(f"http://127.0.0.1:{port}/")


async def test_an_unknown_name_is_named() -> None:
    with pytest.raises(ConnectionLost, match=r"xero\.invalid is not found \(DNS\)"):
        await get("http://xero.invalid/")


async def test_a_server_without_tls_is_named() -> None:
    async with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n", end=b"\x16") as url:  # a TLS hello's first byte
        with pytest.raises(RemoteUnreachable, match="does not speak TLS"):
            await get(url.replace("http://", "https://"))


async def test_a_certificate_of_nobodys_is_not_trusted(tmp_path: Path) -> None:
    async with answering(response("200 OK", b"{}"), _self_signed(tmp_path)) as url:
        with pytest.raises(RemoteUnreachable, match=r"certificate of 127\.0\.0\.1:\d+ is not trusted") as raised:
            await get(url)
    assert "SSL_CERT_FILE" in raised.value.next_step


async def test_silence_is_a_time_out() -> None:
    async with answering(None) as url, http.new_client() as client:
        client.timeout = httpx2.Timeout(0.05)
        with pytest.raises(ConnectionLost, match="did not answer in"):
            await http.exchange(client, "GET", url)


async def test_no_header_gets_into_an_error() -> None:
    """The library itself would quote it: 'Illegal header value b"Bearer ..."'."""
    secret = uuid.uuid4().hex
    async with answering(b"") as url, http.new_client() as client:
        with pytest.raises(RemoteUnreachable) as raised:
            await http.exchange(client, "GET", url, headers={"Authorization": f"Bearer {secret}\n"})
    assert secret not in "".join(traceback.format_exception(raised.value))
    assert secret not in raised.value.next_step


async def test_three_tries_with_pauses_between() -> None:
    slept: list[float] = []
    tries = 0

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def attempt() -> Reply:
        nonlocal tries
        tries += 1
        raise ConnectionLost(f"try {tries}")

    with pytest.raises(ConnectionLost, match="try 3"):
        await http.retried(attempt, sleep)
    assert slept == [1.0, 2.0]


async def test_an_impostor_is_not_asked_again() -> None:
    async def attempt() -> Reply:
        raise RemoteUnreachable("portal")

    with pytest.raises(RemoteUnreachable, match="portal"):
        await http.retried(attempt, _must_not_sleep)


async def _must_not_sleep(seconds: float) -> None:
    raise AssertionError(seconds)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("two\nlines\x1b[31m\t here", "two lines [31m here"),
        ("Authorization: Bearer abc.def-1", "Authorization: (hidden)"),
        ("token eyJhbGciOi.eyJzdWIi.c2ln end", "token (hidden) end"),
        ("GET /callback?code=a1b2&state=x", "GET /callback?(hidden)&state=x"),
        ("The contact name Zip code is taken", "The contact name Zip code is taken"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_what_a_remote_says_is_cleaned(said: str, shown: str) -> None:
    """P19."""
    assert http.quoted(said) == shown


def _self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context

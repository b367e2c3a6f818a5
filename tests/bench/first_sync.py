"""The first sync of N Xero against N directory contacts, beside Xero's own SDK merely reading the same pages.

Both speak to one sandbox process with its limits off, in turns; each round is a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx2

from tests.bench.measure import in_a_process, peak_mib

SIZE = 10_000
ROUNDS = 5


@contextmanager
def sandbox(size: int) -> Iterator[dict[str, str]]:
    """A sandbox process with its limits off; the environment that leads to it."""
    command = [sys.executable, "-m", "xerosync_tui", "sandbox", "--size", str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = json.loads(process.stdout.readline())
        httpx2.post(f"{said['url']}/_sandbox/limits", json={"minute": None, "day": None, "concurrent": None})
        try:
            yield {**said["environment"], "BENCH_URL": said["url"]}
        finally:
            process.terminate()


def karbon_csv(size: int) -> str:
    """The practice's contacts, filled up to ``size`` with organizations that nobody in Xero resembles."""
    from xerosync_tui.sandbox.practice import practice_csv

    lines = practice_csv(1, size).splitlines()[: size + 1]
    columns = lines[0].split(",")
    for n in range(len(lines), size + 1):
        cells = {"Name": f"Unrelated Firm {n}", "Kind": "Organization", "Email": f"u{n}@unrelated.example"}
        lines.append(",".join(cells.get(column, "") for column in columns))
    return "\n".join(lines)


def ours(size: int) -> dict[str, object]:
    """Preview and first sync, timed without imports, connecting and bringing in the CSV."""
    from xerosync_tui.program import opened
    from xerosync_tui.services import connect, importing
    from xerosync_tui.services import sync as runs
    from xerosync_tui.settings import load_settings

    async def work(home: Path) -> dict[str, object]:
        async with opened(load_settings({**os.environ, "XEROSYNC_HOME": str(home)})) as program:
            (home / "karbon.csv").write_text(karbon_csv(size))
            brought = await importing.import_file(program, home / "karbon.csv", {}, skip_bad=True)
            consent = await connect.begin(program)
            async with httpx2.AsyncClient() as browser:
                answer = await browser.get(f"{consent.url}&auto=1")
            organisations = await connect.finish(program, consent, answer.headers["location"])
            await connect.choose(program, organisations[0], contact_type="Client")
            begun, cpu = time.perf_counter(), time.process_time()
            preview = await runs.preview(program)
            previewed = time.perf_counter()
            synced = await runs.sync(program, confirmed=True)
            return {
                "preview": previewed - begun,
                "sync": time.perf_counter() - previewed,
                "seconds": time.perf_counter() - begun,
                "requests": preview.requests + synced.requests,
                "read": preview.counts.read,
                "linked": synced.counts.linked,
                "created": synced.counts.created,
                "karbon": brought.people + brought.organizations,
                "cpu": time.process_time() - cpu,
                "peak": peak_mib(),
            }

    with tempfile.TemporaryDirectory() as home:
        return asyncio.run(work(Path(home)))


def theirs() -> dict[str, object]:
    """xero-python reads every page into its models and does nothing with them."""
    from xero_python.accounting import AccountingApi
    from xero_python.api_client import ApiClient
    from xero_python.api_client.configuration import Configuration
    from xero_python.api_client.oauth2 import OAuth2Token

    from tests.contract.xero.signin import connections, sign_in

    url = os.environ["BENCH_URL"]
    with httpx2.Client(base_url=url) as browser:
        token = sign_in(browser)
        tenant = next(o["tenantId"] for o in connections(browser, token) if o["tenantType"] == "ORGANISATION")
    client = ApiClient(
        Configuration(oauth2_token=OAuth2Token()), oauth2_token_getter=lambda: token, oauth2_token_saver=lambda _: None
    )
    api = AccountingApi(client, base_url=f"{url}/api.xro/2.0")
    begun, cpu = time.perf_counter(), time.process_time()
    read, page, last = 0, 1, 1
    while page <= last:
        answer = api.get_contacts(tenant, page=page, page_size=1000, include_archived=True)
        read, page, last = read + len(answer.contacts), page + 1, answer.pagination.page_count
    return {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "read": read,
        "peak": peak_mib(),
    }


def main() -> None:
    """Print both, and the ratio."""
    print(f"first sync of {SIZE:,} x {SIZE:,} through the sandbox, beside xero-python reading the same pages")
    print("(aim: at most 0.7 of its time)")
    with sandbox(SIZE) as environment:
        rounds = [
            (
                in_a_process("tests.bench.first_sync", "ours", environment=environment),
                in_a_process("tests.bench.first_sync", "theirs", environment=environment),
            )
            for _ in range(ROUNDS)
        ]
    for key in ("preview", "sync", "seconds", "cpu", "peak"):
        print(f"  ours {key:8} {median(mine[key] for mine, _ in rounds):.2f}")
    for key in ("seconds", "cpu", "peak"):
        print(f"  SDK  {key:8} {median(other[key] for _, other in rounds):.2f}")
    print(f"  ratio {median(mine['seconds'] / other['seconds'] for mine, other in rounds):.2f} (seconds, peak in MiB)")
    mine = rounds[0][0]
    least = -(-int(mine["read"]) // 1000) + 1
    print(f"  requests {mine['requests']}, least possible {least} (every page once, one to see what came since)")
    print(f"  read {mine['read']}, in Karbon {mine['karbon']}, linked {mine['linked']}, created {mine['created']}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(ours(SIZE) if sys.argv[1] == "ours" else theirs()))
    else:
        main()

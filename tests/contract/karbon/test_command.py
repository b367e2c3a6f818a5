"""`xerosync sandbox --karbon`: one line says where both are, and one port serves both."""

import json
import signal
import subprocess
import sys

import httpx2

KARBON = {"XEROSYNC_KARBON_API_URL", "XEROSYNC_KARBON_TOKEN", "XEROSYNC_KARBON_ACCESS_KEY"}


def test_the_command_serves_a_karbon_beside_xero() -> None:
    words = [sys.executable, "-m", "xerosync_tui", "sandbox", "--karbon", "--size", "3"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        environment = line["environment"]
        assert {name for name in environment if "KARBON" in name} == KARBON
        assert environment["XEROSYNC_KARBON_API_URL"] == environment["XEROSYNC_XERO_API_URL"] == line["url"]
        headers = {
            "Authorization": f"Bearer {environment['XEROSYNC_KARBON_TOKEN']}",
            "AccessKey": environment["XEROSYNC_KARBON_ACCESS_KEY"],
        }
        listed = httpx2.get(f"{line['url']}/v3/Organizations", headers=headers, trust_env=False)
        assert (listed.status_code, listed.json()["@odata.count"] > 0) == (200, True)
        assert httpx2.get(f"{line['url']}/connections", trust_env=False).status_code == 401
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10) == ("", "")

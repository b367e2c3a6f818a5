"""``issues`` says who it may be and why; ``duplicates`` says what to clean by hand."""

from __future__ import annotations

from tests.terminal.shell import Shell


def test_issues_give_likeness_and_suggestions(synced: Shell) -> None:
    found = synced("issues", "--json").well().json
    candidates = [candidate for issue in found for candidate in issue["candidates"]]
    assert candidates and {"score", "mark", "why"} <= candidates[0].keys()
    assert {candidate["mark"] for candidate in candidates} <= {"strong", "weak"}
    for issue in found:
        own = {candidate["key"] for candidate in issue["candidates"]}
        assert not own & {offer["key"] for offer in issue["suggestions"]}
    assert any(f"{c['mark']}: {', '.join(c['why'])}" in synced("issues").well().text for c in candidates[:1])


def test_duplicates_in_text_and_json(synced: Shell) -> None:
    found = synced("duplicates", "--json").well().json
    assert found["xero_read"] and found["xero"]["contacts"] and found["karbon"]["contacts"]
    groups = [group for side in ("xero", "karbon") for group in found[side]["groups"]]
    assert groups and all(len(g["contacts"]) > 1 and g["why"] and g["advice"] for g in groups)
    told = synced("duplicates").well()
    assert groups[0]["advice"] in told.text and groups[0]["contacts"][0]["id"] in told.text
    assert "as last read" in told.said

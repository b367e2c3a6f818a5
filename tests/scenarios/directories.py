"""Which scenarios run on which directory, and why some cannot be on Karbon's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .firm import API, BUILTIN

# Modules whose Karbon side matters; of some only these tests, because the others are about Xero's.
ON_BOTH: dict[str, tuple[str, ...]] = {
    "test_after_the_preview": (),
    "test_brakes": (
        "test_twenty_overwritten_clients_go_and_twenty_one_stop",
        "test_edits_for_xero_are_held_by_the_same_brake",
        "test_a_mass_delete_in_karbon_ends_the_links_and_touches_nothing_in_xero",
        "test_a_mass_delete_that_a_sync_finds_in_karbon_stops",
        "test_an_approval_lets_that_run_go",
    ),
    "test_create_in_xero": (
        "test_a_contact_is_made_with_all_four_fields_and_linked",
        "test_karbon_edited_while_the_answer_was_lost_goes_over_afterwards",
        "test_made_under_another_name_both_keep_their_own",
        "test_candidates_are_shown_and_stop_it_unless_told",
        "test_asked_twice_at_once_it_is_made_once",
    ),
    "test_crash": ("test_killed_at_every_step",),
    "test_decisions_crash": (
        "test_killed_at_any_step_it_is_decided_again_and_done_once",
        "test_an_undo_of_the_first_sync_that_is_killed_ends_as_one_that_was_not",
    ),
    "test_first_sync": (
        "test_a_full_match_is_linked_and_xero_wins",
        "test_no_match_makes_a_karbon_contact",
        "test_only_karbon_has_a_value",
        "test_each_kind_of_conflict_waits_with_its_reason",
        "test_nine_clients_on_one_accounts_address",
        "test_two_david_smiths",
        "test_two_new_david_smiths_are_two_contacts",
        "test_empty_emails_are_not_equal",
        "test_archived_merged_and_erased_contacts_match_nothing",
        "test_a_second_run_writes_nothing",
    ),
    "test_interrupted": (),
    "test_lifetimes": (),
    "test_names": (
        "test_names_that_change_places_in_karbon_change_places_in_xero",
        "test_names_that_change_places_in_xero_change_places_in_karbon",
    ),
    "test_odd_records": (
        "test_awkward_names_arrive_as_they_are",
        "test_a_blank_value_of_xero_erases_nothing",
        "test_a_mere_country_fills_and_replaces_no_address",
    ),
    "test_preview": (),
    "test_processes": (
        "test_a_decision_during_a_sync_is_carried_out_in_the_askers_name",
        "test_every_kind_of_answer_survives_the_way_through_another_process",
        "test_two_admins_at_the_same_moment_one_decides_and_one_is_told",
    ),
    "test_pull": (
        "test_newcomers_are_imported_by_the_same_rules",
        "test_a_newcomer_like_a_client_is_a_match_issue",
        "test_a_conflict_that_solves_itself_goes",
        "test_deleted_in_karbon_it_is_not_imported_again",
        "test_a_karbon_contact_deleted_before_the_first_sync_is_no_candidate",
    ),
    "test_triage": (),
    "test_two_way": (),
    "test_two_way_crash": (
        "test_killed_at_any_step_both_sides_end_as_if_nothing_had_happened",
        "test_an_edit_after_the_death_is_not_lost",
    ),
    "test_two_way_writes": (
        "test_what_is_not_synced_keeps_its_bytes_in_karbon",
        "test_an_edit_in_xero_between_plan_and_write_defers_that_contact_alone",
        "test_an_edit_in_karbon_between_plan_and_write_defers_that_contact_alone",
        "test_one_refused_record_is_failed_by_name_and_the_others_go_on",
        "test_an_idle_run_is_one_request",
        "test_a_choice_that_xero_did_not_take_stays_chosen",
    ),
    "test_undo": (),
    "test_undo_changes": (),
    "test_undo_choices": (),
}

_NO_DELETE = "Karbon's API has no delete, so nothing that was made is taken back (karbon.md 2.13)"
_FULL_NAME = "through Karbon's API a person's full name is written, and no part of it by itself"
_SEEN_LATE = "a delete in Karbon is seen by the next sync only, and its brake stops so many"
_BEYOND = {
    "test_a_mass_delete_in_karbon_ends_the_links_and_touches_nothing_in_xero": _SEEN_LATE,
    "test_a_mass_delete_that_a_sync_finds_in_karbon_stops": "no link of another connection ends with a delete anyway",
    "test_a_created_contact_that_was_edited_is_not_deleted": _NO_DELETE,
    "test_one_part_of_a_name_is_edited_and_the_others_stay_as_they_were_typed": _FULL_NAME,
    "test_a_created_contact_that_another_connection_uses_is_not_deleted": _NO_DELETE,
    "test_what_a_run_did_is_no_decision_of_a_person_but_can_be_taken_back_by_its_number": _NO_DELETE,
    "test_decided_taken_back_and_decided_again": _NO_DELETE,
    "test_a_run_is_taken_back_as_far_as_it_goes": _NO_DELETE,
    "test_a_contact_made_again_that_is_taken_back_is_unsynced_again": _NO_DELETE,
}
_BEYOND_VALUE = {("test_taken_back_everything_is_as_before", "create"): _NO_DELETE}


def beyond_karbon(test: str, given: Mapping[str, Any]) -> str:
    """Why Karbon's API cannot give what a scenario asks of a directory; empty where it can."""
    values = (_BEYOND_VALUE.get((test, value), "") for value in given.values() if isinstance(value, str))
    return _BEYOND.get(test) or next(filter(None, values), "")


def directories_of(metafunc: pytest.Metafunc) -> list[str]:
    """The directories that a test runs on."""
    module, test = metafunc.module.__name__.rpartition(".")[2], metafunc.function.__name__
    if module.startswith("test_karbon_api"):
        return [API]
    if module not in ON_BOTH or (ON_BOTH[module] and test not in ON_BOTH[module]):
        return [BUILTIN]
    return [BUILTIN, API]

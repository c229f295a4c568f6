"""Pins that docs/configuration.md is the table of `E3MConfig`."""

from docs.parameters import BLOCK, PAGE, allowed, row, tables
from fiftyone_e3m import E3MConfig

FIELDS = E3MConfig.model_fields


def test_the_page_is_that_of_the_configuration():
    shown = BLOCK.search(PAGE.read_text())
    assert shown, f"{PAGE.name} has no table"
    assert shown.group() == tables(), "run: make parameters"


def test_a_row_has_all_that_is_known_of_a_parameter():
    shown = row("beta", FIELDS["beta"])
    assert shown.startswith("| `beta` | `0.6`; paper: `0.8` | ≥ 0, ≤ 1 |  | A neighbouring event")
    assert shown.endswith("| E3M gives the rule; the value is ours |")


def test_ranges_are_read_from_types_and_limits():
    assert allowed(FIELDS["min_area"]) == "≥ 0, < 1"
    assert allowed(FIELDS["max_frames"]) == "whole, ≥ 1, ≤ 5,000"
    assert allowed(FIELDS["events"]) == '`"kmeans"`, `"peak"`'
    assert allowed(FIELDS["prompts"]) == 'some of `"crop"`, `"blur"`'
    assert allowed(FIELDS["zoom"]) == "`True`, `False`"

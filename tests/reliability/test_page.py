"""Pins that docs/reliability.md is the table of the tests, and prints it."""

from docs.inputs import BLOCK, GROUPS, PAGE, table

LEAST = 80
"""Kinds of input that are tried at least."""


def test_the_page_is_that_of_the_tests():
    shown = BLOCK.search(PAGE.read_text())
    assert shown, f"{PAGE.name} has no table"
    assert shown.group() == table(), "run: make inputs"
    print(shown.group())


def test_enough_kinds_are_tried_and_none_twice():
    cases = [case.what for cases in GROUPS.values() for case in cases]
    assert len(cases) >= LEAST
    assert len(set(cases)) == len(cases)

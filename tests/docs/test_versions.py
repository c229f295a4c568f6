"""Pins that what pyproject.toml promises is what docs/versions.md says was tried."""

import doctest

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from docs import versions
from docs.pictures import BLOCK
from docs.versions import DATA, PAGE, PROJECT, PYTHON, declared, kept, sessions, summary

LINES = DATA.read_text().splitlines()
OLDEST, *NEWEST = sessions(LINES)


def test_the_table_is_that_of_the_data():
    shown = BLOCK.search(PAGE.read_text())
    assert shown, f"{PAGE.name} has no table"
    assert shown.group() == summary(LINES), "run: make versions"
    assert list(kept(LINES)) == LINES


def test_every_session_passed():
    assert not [s.name for s in (OLDEST, *NEWEST) if "failed" in s.result or s.passed < 600]


@pytest.mark.parametrize("asked", declared(), ids=lambda asked: asked.name)
def test_a_lower_bound_is_the_one_that_was_tried(asked):
    (bound,) = (one.version for one in asked.specifier if one.operator in (">=", "=="))
    tried = OLDEST.versions[canonicalize_name(asked.name)]
    assert Version(tried) == Version(bound), "run: make versions"
    assert all(asked.specifier.contains(s.versions[canonicalize_name(asked.name)]) for s in NEWEST)


def test_the_pythons_are_those_that_were_tried():
    tried = [".".join(session.versions[PYTHON].split(".")[:2]) for session in NEWEST]
    named = [line.split()[-1] for line in PROJECT["classifiers"] if "Python :: 3." in line]
    assert OLDEST.name == "oldest"
    assert [s.name for s in NEWEST] == [f"newest-{v}" for v in tried]
    assert named == tried
    assert PROJECT["requires-python"] == f">={tried[0]}"
    assert OLDEST.versions[PYTHON].startswith(f"{tried[0]}.")


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ([], "Nothing was tried"),
        (["=== 1 failed, 2 passed in 1.00s ==="], "oldest: 1 failed, 2 passed"),
        (["nox > Running session newest-3.10"], "oldest: failed before the tests ended"),
    ],
    ids=["nothing", "a test", "the installation"],
)
def test_a_session_that_fails_leaves_page_and_data(monkeypatch, printed, said):
    if printed:
        printed = ["nox > Running session oldest", "tried with Python 3.10.1", *printed]
    monkeypatch.setattr("sys.stdin", [f"{line}\n" for line in printed])
    before = PAGE.read_text(), DATA.read_text()
    with pytest.raises(SystemExit, match=rf"stays as it is\. {said}"):
        versions.main()
    assert (PAGE.read_text(), DATA.read_text()) == before


def test_the_examples_of_its_code():
    result = doctest.testmod(versions)
    assert result.attempted
    assert not result.failed

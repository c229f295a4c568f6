"""Pins that the README reads well where it is, and as a page of FiftyOne's plugins elsewhere."""

import re

import pytest

from docs.ecosystem import LINK, README, page

from .browser.moving import check

HOME = "https://example.com/owner/repository"
TEXT = README.read_text()


def test_fiftyones_own_command_is_the_first():
    assert re.search(r"```\n(.*)", TEXT).group(1).startswith("fiftyone plugins download ")


def test_its_first_picture_moves_and_is_small_enough_for_a_page():
    first = re.search(r"!\[([^\]]+)\]\(([^)]+)\)", TEXT)
    assert first.group(2).endswith(".webp")
    check(README.parent / first.group(2))


@pytest.mark.parametrize("path", sorted({link.group(3) for link in LINK.finditer(TEXT)}))
def test_every_link_leads_somewhere(path):
    file, _, heading = path.partition("#")
    assert (README.parent / file).exists()
    if heading:
        titles = re.findall(r"^#+ (.*)", (README.parent / file).read_text(), re.MULTILINE)
        assert heading in [
            re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles
        ]


def test_away_from_the_repository_no_link_and_no_picture_is_lost():
    shown = page(HOME)
    assert not LINK.search(shown)
    assert f"({HOME}/raw/HEAD/docs/images/man-in-a-suit.png)" in shown
    assert f"({HOME}/blob/HEAD/docs/app.md)" in shown
    assert f"fiftyone plugins download {HOME}" in shown
    assert "<this repository" not in shown

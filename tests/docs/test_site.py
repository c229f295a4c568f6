"""Pins that links hold in the repository and on the site, and that the site has all public names.

`make docs` builds the site, which needs MkDocs; this does not.
"""

import doctest
import importlib
import posixpath
import re

import pytest

import fiftyone_e3m
from docs import hooks, parameters
from docs.hooks import CODE, DOCS, LINK, ROOT, for_site, from_elsewhere, in_repository, site_path

PAGES = sorted(
    {path.relative_to(ROOT).as_posix() for path in (ROOT / DOCS).glob("**/*.md")}
    | {path for path in from_elsewhere() if path.endswith(".md")}
)


def headings(path):
    """The anchors of a page, as code hosts and the site make them."""
    titles = re.findall(r"^#+ (.*)", (ROOT / path).read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def links(path):
    """Each link of a page to the repository: the path that it leads to, and the heading."""
    text = "".join(CODE.split((ROOT / path).read_text())[::2])
    for link in LINK.finditer(text):
        target, heading = link.groups()
        yield posixpath.normpath(posixpath.join(posixpath.dirname(path), target)), heading


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_to_a_file_and_a_heading_of_the_repository(path):
    for target, heading in links(path):
        assert (ROOT / target).is_file(), f"{path}: {target} is no file"
        if heading:
            assert heading.removeprefix("#") in headings(target), f"{path}: {target}{heading}"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_taken_for_html_and_not_shown(path):
    text = "".join(CODE.split((ROOT / path).read_text())[::2])
    assert not re.findall(r"<(?!https?:|!--)[a-zA-Z/][^>]*>", text)


def test_pages_beside_docs_are_on_the_site_with_what_they_link_to():
    found = from_elsewhere()
    assert {"README.md", "SECURITY.md", "examples/quickstart.ipynb"} <= found
    assert not [path for path in found if path.startswith(f"{DOCS}/")]


@pytest.mark.parametrize(
    ("page", "link", "moved"),
    [
        ("README.md", "docs/app.md", "app.md"),
        ("README.md", "docs/images/app/grid.jpg", "images/app/grid.jpg"),
        ("app.md", "../SECURITY.md#models", "SECURITY.md#models"),
        ("app.md", "quality.md", "quality.md"),
        ("examples/README.md", "../README.md", "../README.md"),
        ("examples/README.md", "ground_and_review.py", "ground_and_review.py"),
        ("app.md", "https://example.com/a.md", "https://example.com/a.md"),
    ],
)
def test_a_link_is_moved_with_its_page(page, link, moved):
    assert for_site(page, f"See [it]({link}), `[code]({link})`.") == (
        f"See [it]({moved}), `[code]({link})`."
    )


def test_paths_lead_back_from_the_site():
    for path in PAGES:
        assert in_repository(site_path(path)) == path


def test_every_public_name_is_on_the_page_of_the_interface_once():
    described = re.findall(r"^::: fiftyone_e3m\.([\w.]+)$", hooks.interface(), re.MULTILINE)
    names = [path.rpartition(".")[2] for path in described]
    assert len(set(names)) == len(names)
    assert set(fiftyone_e3m.__all__) - {"__version__"} <= set(names)
    for path in described:
        module, _, name = f"fiftyone_e3m.{path}".rpartition(".")
        assert getattr(importlib.import_module(module), name).__doc__


def test_a_public_name_in_no_group_fails_the_build(monkeypatch):
    monkeypatch.setitem(hooks.GROUPS, "Ground", ("ground",))
    with pytest.raises(ValueError, match="VideoReport"):
        hooks.interface()


@pytest.mark.parametrize("module", [hooks, parameters])
def test_the_examples_of_the_tools_hold(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed

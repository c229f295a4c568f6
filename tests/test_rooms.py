"""Tests that newcomers can find their way: few root modules, and docs that match the code."""

import importlib
import re
from pathlib import Path

import fiftyone_e3m
from docs.rooms import BLOCK, PAGE, diagram
from fiftyone_e3m import config

ROOT = Path(fiftyone_e3m.__file__).parent
MOST_AT_THE_ROOT = 10


def test_few_modules_lie_at_the_root():
    assert len(list(ROOT.glob("*.py"))) <= MOST_AT_THE_ROOT


def test_the_diagram_is_that_of_the_imports():
    shown = BLOCK.search(PAGE.read_text())
    assert shown, f"{PAGE.name} has no diagram"
    assert shown.group() == diagram(), "run: make diagram"


def test_all_that_a_room_hands_on_is_there():
    for init in ROOT.glob("*/__init__.py"):
        room = importlib.import_module(f"fiftyone_e3m.{init.parent.name}")
        assert not [name for name in getattr(room, "__all__", []) if not hasattr(room, name)]


def test_the_constants_that_the_configuration_names_are_there():
    named = re.findall(r"`((?:\w+\.)+)([A-Z_]+)`", config.__doc__)
    assert len(named) > 20
    for module, constant in named:
        assert hasattr(importlib.import_module(f"fiftyone_e3m.{module[:-1]}"), constant)

"""Sentences on arbitrary topics that others are measured against (see `e3m.contrast`).

They cover people, animals, vehicles, things and places evenly, and are in ``unrelated.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

SENTENCES: tuple[str, ...] = tuple(
    json.loads(Path(__file__).with_suffix(".json").read_text())["sentences"]
)

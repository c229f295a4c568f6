"""File formats of annotation tools, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from . import coco, cvat, mot
from .tubes import HandedVideo

Format = Literal["cvat", "coco", "mot"]


class Writer(Protocol):
    """A module that writes a format."""

    def paths(self, names: Sequence[str]) -> list[str]:
        """Paths of the files for videos with these names, relative to the folder."""

    def files(self, videos: Sequence[HandedVideo]) -> dict[str, str]:
        """File contents by path."""


FORMATS: Mapping[str, Writer] = {"cvat": cvat, "coco": coco, "mot": mot}

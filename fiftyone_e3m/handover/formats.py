"""File formats of annotation tools, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from . import coco, cvat, label_studio, mot
from .tubes import HandedVideo

Format = Literal["cvat", "label_studio", "coco", "mot"]


class Writer(Protocol):
    """A module that writes a format."""

    def paths(self, names: Sequence[str], pictures: bool = False) -> list[str]:
        """Paths of the files, and of the folders of pictures, for videos with these names."""

    def files(self, videos: Sequence[HandedVideo]) -> dict[str, str]:
        """File contents by path."""

    def labels(self, videos: Sequence[HandedVideo]) -> dict[str, str]:
        """What each sentence is called in the files."""

    def pictures(self, video: HandedVideo) -> dict[int, str]:
        """Paths of the pictures that the files name, by 1-based frame number, ascending."""


WITH_PICTURES = ("coco", "mot")
"""Formats whose files name pictures."""

WITH_MASKS = ("coco",)
"""Formats whose files hold masks."""

FORMATS: Mapping[str, Writer] = {
    "cvat": cvat,
    "label_studio": label_studio,
    "coco": coco,
    "mot": mot,
}

"""The report of a hand-over, as text and as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TubeReport:
    """The keyframes of one tube.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        sentence: label of the tube.
        n_frames: number of frames with a box.
        n_keyframes: number of keyframes.
        smallest_iou: lowest IoU of an interpolated box with the tube's own, 0..1.
    """

    sample_id: str
    filepath: str
    sentence: str
    n_frames: int
    n_keyframes: int
    smallest_iou: float

    @property
    def share(self) -> float:
        """Keyframes over frames with a box, 0..1."""
        return self.n_keyframes / self.n_frames

    def __str__(self) -> str:
        return (
            f"{Path(self.filepath).name}, '{self.sentence}': {self.n_frames:,} boxes -> "
            f"{self.n_keyframes:,} keyframes ({self.share:.1%}), IoU >= {self.smallest_iou:.3f}"
        )


@dataclass
class HandoverReport:
    """The result of `prepare_for_annotation`.

    Attributes:
        field: frame field of the tubes, without ``frames.``.
        tolerance: lowest allowed IoU.
        tubes: one report per tube.
        out: the output folder, if files were requested.
        files: the files that were written.
        problems: what was left out or is unusual, one sentence each.
    """

    field: str
    tolerance: float
    tubes: Sequence[TubeReport] = ()
    out: Path | None = None
    files: list[Path] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)

    @property
    def headline(self) -> str:
        """The outcome in one sentence."""
        if not self.tubes:
            return "No tube could be prepared."
        videos = len({tube.sample_id for tube in self.tubes})
        n, m = sum(t.n_frames for t in self.tubes), sum(t.n_keyframes for t in self.tubes)
        smallest = min(tube.smallest_iou for tube in self.tubes)
        text = (
            f"{_counted(len(self.tubes), 'tube')} in {_counted(videos, 'video')}: "
            f"{_counted(n, 'box', 'boxes')} -> {_counted(m, 'keyframe')} ({m / n:.1%}), "
            f"interpolation keeps IoU >= {smallest:.3f}"
        )
        if self.out is not None:
            text += f"; {_counted(len(self.files), 'file')} in {self.out}"
        return text + "."

    def __str__(self) -> str:
        return "\n".join([self.headline, *map(str, self.tubes), *self.problems])


def _counted(n: int, one: str, many: str | None = None) -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"

"""Which part of a run costs how much: the parts of the package under a stopwatch, from outside."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from fiftyone_e3m import features, pipeline
from fiftyone_e3m.encoders.open_clip import OpenClipEncoder
from fiftyone_e3m.pictures import Pictures
from fiftyone_e3m.shots import CutFinder
from fiftyone_e3m.video import Video

STAGES = (
    "decode",
    "cuts",
    "detect",
    "crop",
    "encode images",
    "encode texts",
    "Kalman",
    "EM",
    "write",
    "rest",
)
COLOURS = dict(zip(STAGES, [f"C{i}" for i in range(10)], strict=True))


class Stages:
    """Seconds, calls and items of each stage; time inside an inner stage counts for that alone.

    Attributes:
        seconds: by stage.
        calls: by stage.
        items: frames, pictures or texts that went through, by stage.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self.items: dict[str, int] = defaultdict(int)
        self._open: list[float] = []

    @contextmanager
    def stage(self, name: str, items: int = 0) -> Iterator[None]:
        """Counts what happens inside for a stage."""
        start = time.perf_counter()
        self._open.append(0.0)
        try:
            yield
        finally:
            whole = time.perf_counter() - start
            self.seconds[name] += whole - self._open.pop()
            self.calls[name] += 1
            self.items[name] += items
            if self._open:
                self._open[-1] += whole

    def watch(self, detector: Any) -> AbstractContextManager[None]:
        """A context in which the package's parts and a detector are watched; single-threaded."""
        return self._patched(
            (Video, "read", "decode", None),
            (CutFinder, "show", "cuts", lambda *_: 1),
            (type(detector), "detect", "detect", lambda _, frames: len(frames)),
            (Pictures, "changed", "crop", None),
            (OpenClipEncoder, "encode_images", "encode images", lambda _, images: len(images)),
            (OpenClipEncoder, "encode_texts", "encode texts", lambda _, texts: len(texts)),
            (features, "interpolate", "crop", lambda *_: 0),
            (pipeline, "build_tracks", "Kalman", lambda *_: 1),
            (pipeline, "find", "EM", lambda *_: 1),
            (pipeline, "make_tube", "EM", lambda *_: 0),
        )

    @contextmanager
    def _patched(self, *parts: tuple[Any, str, str, Callable[..., int] | None]) -> Iterator[None]:
        """Each part (owner, name, stage, items of a call; None for what yields its items)."""
        with contextmanager(self._all_patched)(parts):
            yield

    def _all_patched(self, parts: Any) -> Iterator[None]:
        patches = [
            mock.patch.object(owner, name, self._watched(getattr(owner, name), stage, items))
            for owner, name, stage, items in parts
        ]
        for patch in patches:
            patch.start()
        try:
            yield
        finally:
            for patch in patches:
                patch.stop()

    def _watched(
        self, function: Callable[..., Any], stage: str, items: Callable[..., int] | None
    ) -> Callable[..., Any]:
        if items is not None:

            def call(*args: Any, **kwargs: Any) -> Any:
                with self.stage(stage, items(*args)):
                    return function(*args, **kwargs)

            return call

        def iterate(*args: Any, **kwargs: Any) -> Iterator[Any]:
            iterator, end = function(*args, **kwargs), object()
            while True:
                with self.stage(stage, 1):
                    item = next(iterator, end)
                if item is end:
                    return
                yield item

        return iterate


def draw(bars: dict[str, dict[str, float]], path: Path) -> None:
    """A stacked bar per row: seconds by stage, written to `path`."""
    figure, axes = plt.subplots(figsize=(10, 0.5 * len(bars) + 1.6))
    for row, seconds in enumerate(bars.values()):
        left = 0.0
        for stage in STAGES:
            axes.barh(row, seconds.get(stage, 0), left=left, color=COLOURS[stage], height=0.7)
            left += seconds.get(stage, 0)
        axes.text(left, row, f" {left:.1f} s", va="center")
    axes.set_yticks(range(len(bars)), list(bars))
    axes.invert_yaxis()
    axes.set_xlabel("seconds, medians")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.08)
    shown = [stage for stage in STAGES if any(bar.get(stage) for bar in bars.values())]
    handles = [plt.Rectangle((0, 0), 1, 1, color=COLOURS[stage]) for stage in shown]
    axes.legend(handles, shown, ncols=len(shown), loc="lower center", bbox_to_anchor=(0.45, 1))
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)

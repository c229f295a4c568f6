"""How much each part of a run costs: times the package's functions from outside.

The package has no code for this: its functions are replaced while a `watch` is active.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest import mock

from fiftyone_e3m import pipeline
from fiftyone_e3m.features import encoding
from fiftyone_e3m.features.pictures import Pictures
from fiftyone_e3m.video import CutFinder, Reading

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


Part = tuple[Any, str, str, Callable[..., int] | None]
"""Owner and name of a function, its stage, and the items of a call; None if it yields its items."""


class Stages:
    """Seconds, calls and items of each stage; the time of an inner stage counts for it alone.

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
        """A context whose time counts for a stage."""
        start = time.perf_counter()
        self._open.append(0.0)
        try:
            yield
            self.items[name] += items
        finally:
            whole = time.perf_counter() - start
            self.seconds[name] += whole - self._open.pop()
            self.calls[name] += 1
            if self._open:
                self._open[-1] += whole

    def watch(
        self, encoder: Any, detector: Any = None, *further: Part
    ) -> AbstractContextManager[None]:
        """A context in which the package's functions and the models are timed; single-threaded."""
        parts: list[Part] = [
            (Reading, "__next__", "decode", lambda _: 1),
            (CutFinder, "show", "cuts", lambda *_: 1),
            (Pictures, "changed", "crop", None),
            (type(encoder), "encode_images", "encode images", lambda _, images: len(images)),
            (type(encoder), "encode_texts", "encode texts", lambda _, texts: len(texts)),
            (encoding, "interpolate", "crop", lambda *_: 0),
            (pipeline, "build_tracks", "Kalman", lambda *_: 1),
            (pipeline, "find_given", "EM", lambda *_: 1),
            (pipeline, "make_tube", "EM", lambda *_: 0),
        ]
        if detector is not None:
            parts.append((type(detector), "detect", "detect", lambda _, frames: len(frames)))
        return self._patched([*parts, *further])

    @contextmanager
    def _patched(self, parts: Sequence[Part]) -> Iterator[None]:
        with ExitStack() as stack:
            for owner, name, stage, items in parts:
                watched = self._watched(getattr(owner, name), stage, items)
                stack.enter_context(mock.patch.object(owner, name, watched))
            yield

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
                with self.stage(stage):
                    item = next(iterator, end)
                if item is end:
                    return
                self.items[stage] += 1
                yield item

        return iterate

"""All pictures of a video that an encoder could be shown, and those that show a change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .config import E3MConfig
from .e3m.tracks import Tracks
from .thinning import Changes
from .video import Image, Video
from .views import Canvas, halve

WHOLE, CROP, BLUR = -1, 0, 1
"""What a picture shows: the whole frame, or a region under one of the prompts."""
PROMPTS = {"crop": CROP, "blur": BLUR}

THUMB = 16, 16
"""Height and width at which pictures are compared: sees motion, not noise."""
GLANCE = 64
"""Pixels of the short side, at least, of the frames that thumbnails are made from."""

View = tuple[int, Image]
"""The number of a picture, and the picture (H, W, 3)."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """All N pictures of a video: its T sampled frames, then its M regions prompt by prompt.

    Attributes:
        prompt: (N,) `WHOLE`, `CROP` or `BLUR`.
        frame: (N,) 0-based frame of the source.
        time: (N,) sampled frame.
        row: (N,) number of the thing that is seen over time: a shot, or a track under one prompt.
        box: (N, 4) the region, xyxy in pixels; zeros for a whole frame.
    """

    prompt: NDArray[np.int64]
    frame: NDArray[np.int64]
    time: NDArray[np.int64]
    row: NDArray[np.int64]
    box: NDArray[np.float32]

    @classmethod
    def of(
        cls, sampled: NDArray[np.int64], tracks: Tracks, shot: NDArray[np.int64], config: E3MConfig
    ) -> Pictures:
        """The pictures of `sampled` frames (T,) in shots (T,) with tracks."""
        n_frames, n_prompts = len(sampled), len(config.prompts)
        track, at = tracks.regions.T
        prompts = [PROMPTS[name] for name in config.prompts]
        time = np.concatenate([np.arange(n_frames), np.tile(at, n_prompts)])
        rows = [shot.max() + 1 + i * len(tracks) + track for i in range(n_prompts)]
        boxes = [np.zeros((n_frames, 4), np.float32), *[tracks.box[track, at]] * n_prompts]
        return cls(
            prompt=np.concatenate([np.full(n_frames, WHOLE), np.repeat(prompts, len(track))]),
            frame=sampled[time],
            time=time,
            row=np.concatenate([shot, *rows]),
            box=np.concatenate(boxes),
        )

    def keys(self, numbers: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.float64]:
        """(N, 6) what a picture of a video shows: its frame, prompt and box."""
        return np.column_stack([self.frame[numbers], self.prompt[numbers], self.box[numbers]])

    def changed(
        self, video: Video, size: tuple[int, int], config: E3MConfig, reach: int
    ) -> Iterator[View]:
        """The pictures that show a change, frame by frame.

        Args:
            video: the file.
            size: height and width of the pictures.
            config: uses `skip_change`, `crop_pad` and `blur_sigma`.
            reach: sampled frames after which a picture counts as changed in any case.

        Yields:
            Numbers and pictures; the first one of each row is among them.

        Raises:
            VideoError: the video cannot be decoded up to the last sampled frame.
        """
        changes = Changes(config.skip_change, reach)
        in_time = np.argsort(self.time, kind="stable")
        sampled, starts = np.unique(self.frame[in_time], return_index=True)
        of_frame = np.split(in_time, starts[1:])
        for t, frame in video.read(sampled):
            numbers = of_frame[t].tolist()
            if config.skip_change:
                numbers = self._new(numbers, t, frame, changes, config)
            canvas = Canvas(frame, size, config.blur_sigma)
            for number in numbers:
                box = self.box[number]
                yield number, _show(canvas, self.prompt[number], box, config.crop_pad)

    def _new(
        self, numbers: list[int], t: int, frame: Image, changes: Changes, config: E3MConfig
    ) -> list[int]:
        """Those of a frame's pictures whose thumbnails show a change."""
        small = halve(frame, GLANCE)
        scale = np.array([small.shape[1] / frame.shape[1], small.shape[0] / frame.shape[0]] * 2)
        glance = Canvas(small, THUMB, config.blur_sigma)
        found = []
        for number in numbers:
            box = self.box[number] * scale
            thumb = _show(glance, self.prompt[number], box, config.crop_pad)
            if changes.is_new(self.row[number], t, thumb):
                found.append(number)
        return found


def _show(canvas: Canvas, prompt: int, box: NDArray[np.floating], pad: float) -> Image:
    if prompt == WHOLE:
        return canvas.sharp
    return canvas.crop(box, pad) if prompt == CROP else canvas.only(box)

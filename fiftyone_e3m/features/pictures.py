"""All pictures of a video that could be encoded, and those that have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cache import digest
from ..config import E3MConfig
from ..e3m import Tracks
from ..e3m.tracks import DETECTED
from ..video import Image, Video
from .canvas import Canvas, halve
from .skipping import Changes

WHOLE, CROP, BLUR, OTHERS = -1, 0, 1, 2
"""What a picture shows: the whole frame; a region, cropped or with everything around it blurred; or
the frame with the other objects blurred."""
PROMPTS = {"crop": CROP, "blur": BLUR}
DENOISED = {"outside": BLUR, "others": OTHERS, "none": WHOLE}

THUMB = 16, 16
"""Height and width at which pictures are compared: small enough to ignore noise, not motion."""
GLANCE = 64
"""Least short side in pixels of the reduced frames that thumbnails are made from."""
NO_TRACK = -1

NumberedImage = tuple[int, Image]
"""A picture's number, and the picture (H, W, 3)."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """All N pictures of a video: its T sampled frames, then its M regions, view by view.

    Attributes:
        tracks: the tracks that the regions belong to.
        view: (N,) `WHOLE`, `CROP`, `BLUR` or `OTHERS`.
        frame: (N,) 0-based frame of the source.
        time: (N,) sampled frame.
        track: (N,) track of the region; `NO_TRACK` for whole frames.
        row: (N,) number of what is followed over time: a shot, or a track in one view.
        prompts: (P, M) number of each region's picture under each prompt.
        denoised: (M,) number of the picture that shows each region's frame denoised around it;
            the whole frame where there is nothing to blur, or for a region that is never picked.
    """

    tracks: Tracks
    view: NDArray[np.int64]
    frame: NDArray[np.int64]
    time: NDArray[np.int64]
    track: NDArray[np.int64]
    row: NDArray[np.int64]
    prompts: NDArray[np.int64]
    denoised: NDArray[np.int64]

    @classmethod
    def of(
        cls, sampled: NDArray[np.int64], tracks: Tracks, shot: NDArray[np.int64], config: E3MConfig
    ) -> Pictures:
        """The pictures of a video's sampled frames and tracks.

        Args:
            sampled: (T,) 0-based numbers of the sampled frames.
            tracks: tracks over these frames.
            shot: (T,) shot number of each sampled frame.
            config: uses `prompts` and `denoise`.
        """
        n_frames, (track, at) = len(sampled), tracks.regions.T
        blocks = {PROMPTS[name]: np.arange(len(track)) for name in config.prompts}
        view, picked = DENOISED[config.denoise], _worth_denoising(tracks, config)
        if len(picked):
            blocks.setdefault(view, picked)
        number = {}  # of each region's picture in each view
        start = n_frames
        for name, regions in blocks.items():
            number[name] = np.full(len(track), -1)
            number[name][regions] = start + np.arange(len(regions))
            start += len(regions)
        region = np.concatenate([np.arange(0), *blocks.values()])
        sizes = [len(regions) for regions in blocks.values()]
        block = np.repeat(np.arange(len(blocks)), sizes)
        time = np.concatenate([np.arange(n_frames), at[region]])
        denoised = at.copy()
        if len(picked):
            denoised[picked] = number[view][picked]
        return cls(
            tracks=tracks,
            view=np.concatenate([np.full(n_frames, WHOLE), np.repeat(list(blocks), sizes)]),
            frame=sampled[time],
            time=time,
            track=np.concatenate([np.full(n_frames, NO_TRACK), track[region]]),
            row=np.concatenate([shot, shot.max() + 1 + block * len(tracks) + track[region]]),
            prompts=np.stack([number[PROMPTS[name]] for name in config.prompts]),
            denoised=denoised,
        )

    def keys(self, numbers: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.float64]:
        """(N, 7) what each picture shows: its frame, its view, its box (4) and a surroundings hash.

        Only the view `OTHERS` depends on the other boxes of its frame, which the hash stands for;
        elsewhere it is 0.
        """
        view, track, time = self.view[numbers], self.track[numbers], self.time[numbers]
        box, around, regions = np.zeros((len(view), 4)), np.zeros(len(view)), track != NO_TRACK
        box[regions] = self.tracks.box[track[regions], time[regions]]
        for row in np.flatnonzero(view == OTHERS):
            around[row] = _hash(self.others(track[row], time[row]))
        return np.column_stack([self.frame[numbers], view, box, around])

    def others(self, track: int, time: int) -> NDArray[np.float32]:
        """(B, 4) the boxes of the other objects detected in a sampled frame."""
        detected = self.tracks.kind[:, time] == DETECTED
        detected[track] = False
        return self.tracks.box[detected, time]

    def changed(
        self,
        video: Video,
        size: tuple[int, int],
        config: E3MConfig,
        reach: int,
        watch: Callable[[int, Image], None],
    ) -> Iterator[NumberedImage]:
        """The pictures that have changed, frame by frame.

        Args:
            video: the file.
            size: height and width of the pictures.
            config: uses `skip_change`, `crop_pad` and `blur_sigma`.
            reach: sampled frames after which a picture always counts as changed.
            watch: is shown every sampled frame with its number, as the file is read only once.

        Yields:
            Numbers and pictures, including the first of each row.

        Raises:
            VideoError: the video cannot be decoded up to the last sampled frame.
        """
        changes = Changes(config.skip_change, reach)
        in_time = np.argsort(self.time, kind="stable")
        sampled, starts = np.unique(self.frame[in_time], return_index=True)
        of_frame = np.split(in_time, starts[1:])
        for t, frame in video.read(sampled):
            watch(t, frame)
            numbers = of_frame[t].tolist()
            if config.skip_change:
                numbers = self._new(numbers, t, frame, changes, config)
            canvas = Canvas(frame, size, config.blur_sigma)
            for number in numbers:
                yield number, self._draw(number, canvas, config.crop_pad)

    def _new(
        self, numbers: list[int], t: int, frame: Image, changes: Changes, config: E3MConfig
    ) -> list[int]:
        """The pictures of a frame whose thumbnails have changed."""
        small = halve(frame, GLANCE)
        scale = np.array([small.shape[1] / frame.shape[1], small.shape[0] / frame.shape[0]] * 2)
        glance = Canvas(small, THUMB, config.blur_sigma)
        return [
            number
            for number in numbers
            if changes.is_new(
                self.row[number], t, self._draw(number, glance, config.crop_pad, scale)
            )
        ]

    def _draw(
        self,
        number: int,
        canvas: Canvas,
        pad: float,
        scale: NDArray[np.float64] | float = 1.0,
    ) -> Image:
        """Draws a picture on a canvas of its frame, which is resized by `scale` (4,)."""
        view, track, time = self.view[number], self.track[number], self.time[number]
        if view == WHOLE:
            return canvas.sharp
        box = self.tracks.box[track, time] * scale
        if view == CROP:
            return canvas.crop(box, pad)
        if view == BLUR:
            return canvas.only(box)
        return canvas.without(self.others(track, time) * scale, box)


def _worth_denoising(tracks: Tracks, config: E3MConfig) -> NDArray[np.int64]:
    """Rows of the candidates whose denoised frame differs from the whole frame."""
    if config.denoise == "none":
        return np.arange(0)
    worth = tracks.is_candidate
    if config.denoise == "others":
        track, at = tracks.regions.T
        detected = tracks.kind == DETECTED
        worth = worth & (detected.sum(axis=0)[at] - detected[track, at] > 0)
    return np.flatnonzero(worth)


def _hash(boxes: NDArray[np.float32]) -> int:
    """A 52-bit number, which a float holds exactly."""
    return int(digest(boxes)[:13], 16)

"""A picture of an answer: a strip of frames with the tube, and the relevance curve below."""

from __future__ import annotations

from pathlib import Path

import fiftyone as fo
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..video import Image, Video
from .schema import Fields

N_FRAMES = 7
INSIDE, TRUTH, PLAIN = "#d62728", "#2ca02c", "#7f7f7f"


def draw_answer(
    sample: fo.Sample, field: str, query: str, path: Path, truth: tuple[int, int] | None = None
) -> None:
    """Draws what a grounding wrote for one sentence and saves it.

    Args:
        sample: a grounded video.
        field: name of the tube field.
        query: the sentence.
        path: where to save the picture; its ending decides the format.
        truth: first and last frame of the true event, 1-based, if known.

    Raises:
        ValueError: the sample has no event for the sentence.
    """
    fields = Fields(field)
    events = sample[fields.events].detections if sample[fields.events] else []
    event = next((e for e in events if e.label == query), None)
    if event is None:
        raise ValueError(f"{sample.filepath} has no event for '{query}' in '{fields.events}'.")
    video = Video.open(sample.filepath)
    shown = np.unique(np.linspace(0, video.frame_count - 1, N_FRAMES).astype(int))
    shown = np.unique([*shown, (event.support[0] + event.support[1]) // 2 - 1])
    figure = Figure(figsize=(14, 5), layout="constrained")
    grid = figure.add_gridspec(2, len(shown), height_ratios=[1, 1.5])
    for column, (i, frame) in enumerate(video.read(shown)):
        axes = figure.add_subplot(grid[0, column])
        _draw_frame(axes, frame, int(shown[i]) + 1, _box(sample, field, query, int(shown[i]) + 1))
    _draw_curve(figure.add_subplot(grid[1, :]), sample, fields, event, video, truth)
    figure.suptitle(f"“{query}”   confidence {event.confidence:.2f}")
    figure.savefig(path, dpi=100)


def _draw_frame(axes: Axes, frame: Image, number: int, box: list[float] | None) -> None:
    axes.imshow(frame)
    axes.set_title(str(number), fontsize=8, color=INSIDE if box else PLAIN)
    axes.set_axis_off()
    if box:
        height, width = frame.shape[:2]
        x, y, w, h = np.array(box) * [width, height, width, height]
        axes.add_patch(Rectangle((x, y), w, h, fill=False, edgecolor=INSIDE, linewidth=2))


def _draw_curve(
    axes: Axes,
    sample: fo.Sample,
    fields: Fields,
    event: fo.TemporalDetection,
    video: Video,
    truth: tuple[int, int] | None,
) -> None:
    relevance = _relevance(sample, fields, event.label)
    seconds = (np.array(sorted(relevance)) - 1) / video.frame_rate
    axes.plot(seconds, [relevance[number] for number in sorted(relevance)], color="black")
    _band(axes, event.support, video.frame_rate, INSIDE, "event found")
    if truth:
        _band(axes, truth, video.frame_rate, TRUTH, "event as people see it", top=0.08)
    axes.set(xlim=(0, video.duration), ylim=(0, 1), xlabel="seconds", ylabel="relevance")
    axes.legend(loc="upper right")


def _band(
    axes: Axes,
    frames: tuple[int, int] | list[int],
    rate: float,
    colour: str,
    label: str,
    top: float = 1.0,
) -> None:
    start, end = (frames[0] - 1) / rate, frames[1] / rate
    axes.axvspan(start, end, ymax=top, color=colour, alpha=0.25 if top == 1 else 0.9, label=label)


def _box(sample: fo.Sample, field: str, query: str, number: int) -> list[float] | None:
    labels = sample.frames[number][field] if number in sample.frames else None
    found = [d.bounding_box for d in labels.detections if d.label == query] if labels else []
    return found[0] if found else None


def _relevance(sample: fo.Sample, fields: Fields, query: str) -> dict[int, float]:
    """Relevance of each frame to a sentence; the only one's where a video has one sentence."""
    several = len(sample[fields.events].detections) > 1
    relevance = {}
    for number, frame in sample.frames.items():
        if not several:
            relevance[number] = frame[fields.relevance]
        else:
            labels = frame[fields.queries].classifications
            relevance[number] = next(c.confidence for c in labels if c.label == query)
    return relevance

"""Pictures: an answer as a strip of frames above its relevance curve, and a single frame."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..dataset.labels import RelativeBox, Span
from ..video import Image, Video
from .timelines import Timeline

N_FRAMES = 7
WIDTH = 480
"""Width of a single frame in pixels: enough to recognise, small enough to send on each click."""
INSIDE, TRUTH, PLAIN = "#d62728", "#2ca02c", "#7f7f7f"
RED = (214, 39, 40)


def draw_answer(timeline: Timeline, video: Video, truth: Span | None = None) -> Figure:
    """Draws the answer of a grounding for one sentence.

    Args:
        timeline: the answer.
        video: the video file.
        truth: first and last frame of the true event, 1-based, if known.
    """
    first, last = timeline.event
    shown = np.linspace(0, video.frame_count - 1, N_FRAMES).astype(int)
    shown = np.unique([*shown, (first + last) // 2 - 1])
    figure = Figure(figsize=(14, 5), layout="constrained")
    grid = figure.add_gridspec(2, len(shown), height_ratios=[1, 1.5])
    for column, (i, frame) in enumerate(video.read(shown)):
        axes, number = figure.add_subplot(grid[0, column]), int(shown[i]) + 1
        _draw_frame(axes, frame, number, timeline.boxes.get(number))
    _draw_curve(figure.add_subplot(grid[1, :]), timeline, video, truth)
    figure.suptitle(f"“{timeline.query}”   confidence {timeline.confidence:.2f}")
    return figure


def draw_frame(path: Path, number: int, box: RelativeBox | None) -> str:
    """Draws one frame with the box of the tube.

    Args:
        path: path of the video.
        number: the frame, 1-based.
        box: ``[x, y, w, h]`` relative to the frame.

    Returns:
        A JPEG image as a data URI.

    Raises:
        VideoError: the video cannot be decoded, or has no such frame.
    """
    video = Video.open(path)
    frame = video.peek(number - 1)
    height = round(WIDTH * video.height / video.width)
    small = cv2.resize(frame, (WIDTH, height), interpolation=cv2.INTER_AREA)
    if box:
        x, y, w, h = (np.array(box) * [WIDTH, height, WIDTH, height]).round().astype(int).tolist()
        cv2.rectangle(small, (x, y), (x + w, y + h), RED, 2)
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    return _data_uri("image/jpeg", encoded.tobytes())


def figure_uri(figure: Figure) -> str:
    """Renders a figure as the data URI of a PNG image."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    return _data_uri("image/png", buffer.getvalue())


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _draw_frame(axes: Axes, frame: Image, number: int, box: RelativeBox | None) -> None:
    axes.imshow(frame)
    axes.set_title(str(number), fontsize=8, color=INSIDE if box else PLAIN)
    axes.set_axis_off()
    if box:
        height, width = frame.shape[:2]
        x, y, w, h = np.array(box) * [width, height, width, height]
        axes.add_patch(Rectangle((x, y), w, h, fill=False, edgecolor=INSIDE, linewidth=2))


def _draw_curve(axes: Axes, timeline: Timeline, video: Video, truth: Span | None) -> None:
    seconds = [timeline.seconds(frame) for frame in timeline.frames]
    axes.plot(seconds, timeline.relevance, color="black")
    _band(axes, timeline, timeline.event, INSIDE, "event found")
    if truth:
        _band(axes, timeline, truth, TRUTH, "event as people see it", top=0.08)
    axes.set(xlim=(0, video.duration), ylim=(0, 1), xlabel="seconds", ylabel="relevance")
    axes.legend(loc="upper right")


def _band(
    axes: Axes, timeline: Timeline, frames: Span, colour: str, label: str, top: float = 1.0
) -> None:
    start, end = timeline.ends(frames)
    axes.axvspan(start, end, ymax=top, color=colour, alpha=0.25 if top == 1 else 0.9, label=label)

"""Pictures: an answer as a strip of frames above its relevance curve, and a single frame."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from ..dataset.appearance import colour_of
from ..dataset.labels import RelativeBox, Span
from ..texts import shortened
from ..video import Image, Video
from .fonts import drawable
from .timelines import Timeline

N_FRAMES = 7
SAME_SIGHT = 0.03
"""Share of a video within which one frame is drawn instead of two."""
WIDTH = 480
"""Width of a single frame in pixels: enough to recognise, small enough to send on each click."""
TITLE = 120
"""Most characters of a sentence above a picture."""
TRUTH, PLAIN = "#4caf50", "#7f7f7f"


@dataclass(frozen=True, eq=False)
class Truth:
    """What people see.

    Attributes:
        event: first and last frame of the event, 1-based.
        boxes: true boxes by 1-based frame, ``[x, y, w, h]`` relative to the frame.
    """

    event: Span
    boxes: Mapping[int, RelativeBox]


def draw_answer(timeline: Timeline, video: Video, truth: Truth | None = None) -> Figure:
    """Draws the answer of a grounding for one sentence, in the colour that it has in the App.

    Args:
        timeline: the answer.
        video: the video file.
        truth: the true event and boxes, if known.
    """
    shown = _shown(video, [timeline.event, *([truth.event] if truth else [])])
    n_columns, colour = -(-len(shown) // 2), colour_of(timeline.index)
    figure = Figure(figsize=(14, 8), layout="constrained")
    grid = figure.add_gridspec(3, n_columns)
    for place, (i, frame) in enumerate(video.read(shown)):
        axes, number = figure.add_subplot(grid[divmod(place, n_columns)]), int(shown[i]) + 1
        true_box = truth.boxes.get(number) if truth else None
        boxes = [(true_box, TRUTH), (timeline.boxes.get(number), colour)]
        _draw_frame(axes, frame, number, [(box, c) for box, c in boxes if box])
    _draw_curve(figure.add_subplot(grid[2, :]), timeline, video, truth.event if truth else None)
    _draw_title(figure, timeline)
    return figure


def draw_frame(path: Path, number: int, box: RelativeBox | None, colour: str) -> str:
    """Draws one frame with the box of the tube.

    Args:
        path: path of the video.
        number: the frame, 1-based.
        box: ``[x, y, w, h]`` relative to the frame.
        colour: colour of the box, ``#rrggbb``.

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
        rgb = tuple(round(255 * part) for part in to_rgb(colour))
        cv2.rectangle(small, (x, y), (x + w, y + h), rgb, 2)
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    return _data_uri("image/jpeg", encoded.tobytes())


def figure_uri(figure: Figure) -> str:
    """Renders a figure as the data URI of a PNG image."""
    return _data_uri("image/png", figure_png(figure, 80))


def figure_png(figure: Figure, dpi: int) -> bytes:
    """Renders a figure as a PNG image."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _shown(video: Video, events: list[Span]) -> NDArray[np.int64]:
    """0-based frames to draw: spread over the video, and the middle of each event."""
    middles = np.array([(first + last) // 2 - 1 for first, last in events])
    spread = np.linspace(0, video.frame_count - 1, N_FRAMES).astype(int)
    apart = np.abs(spread[:, None] - middles).min(axis=1)
    return np.unique([*spread[apart > video.frame_count * SAME_SIGHT], *middles])


def _draw_title(figure: Figure, timeline: Timeline) -> None:
    """The sentence, in fonts that have its characters, or a remark that there are none."""
    text, fonts, n_missing = drawable(shortened(timeline.query, TITLE))
    title = f"“{text}”   confidence {timeline.confidence:.2f}"
    if n_missing:
        title += f"\nNo font on this machine has {n_missing} of its characters."
    figure.suptitle(title, parse_math=False, fontfamily=fonts)


def _draw_frame(
    axes: Axes, frame: Image, number: int, boxes: Sequence[tuple[RelativeBox, str]]
) -> None:
    """Draws a frame with boxes in their colours; its number has that of the last one."""
    axes.imshow(frame)
    axes.set_title(str(number), fontsize=8, color=boxes[-1][1] if boxes else PLAIN)
    axes.set_axis_off()
    height, width = frame.shape[:2]
    for box, colour in boxes:
        x, y, w, h = np.array(box) * [width, height, width, height]
        axes.add_patch(Rectangle((x, y), w, h, fill=False, edgecolor=colour, linewidth=2))


def _draw_curve(axes: Axes, timeline: Timeline, video: Video, truth: Span | None) -> None:
    seconds = [timeline.seconds(frame) for frame in timeline.frames]
    axes.plot(seconds, timeline.relevance, color="black")
    _band(axes, timeline, timeline.event, colour_of(timeline.index), "event and boxes found")
    if truth:
        _band(axes, timeline, truth, TRUTH, "event and boxes as people see them", top=0.08)
    axes.set(xlim=(0, video.duration), ylim=(0, 1), xlabel="seconds", ylabel="relevance")
    axes.legend(loc="upper right")


def _band(
    axes: Axes, timeline: Timeline, frames: Span, colour: str, label: str, top: float = 1.0
) -> None:
    start, end = timeline.ends(frames)
    axes.axvspan(start, end, ymax=top, color=colour, alpha=0.25 if top == 1 else 0.9, label=label)

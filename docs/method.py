"""Draws how E3M works into docs/images/method.jpg, from a run on the demo's video.

The run is that of the demo: the bundled encoder, the default settings, and the boxes that come with
the demo. Nothing is drawn that the run did not compute.

Usage: python -m docs.method
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.demo import VIDEOS, demo_boxes, demo_video
from fiftyone_e3m.e3m.tracks import DETECTED, FILLED
from fiftyone_e3m.encoders import load_encoder
from fiftyone_e3m.pipeline import Pipeline, Scene
from fiftyone_e3m.results import Answer
from fiftyone_e3m.video import Video

PICTURE = Path(__file__).with_name("images") / "method.jpg"
VIDEO, SENTENCE = "bikes", "an old bicycle with a bag"
PICKED, OTHER, TRUE = "#e8710a", "#9aa0a6", "#188038"
SHADES = ("#c6dafc", "#7baaf7", "#1a56c4")
"""Colours of the iterations, the last one darkest."""


@dataclass(frozen=True, eq=False)
class Trace:
    """A run, and what each of its iterations answered.

    Attributes:
        scene: the encoded video.
        answers: the answer after the first iteration, after the second, ... until it converged.
        truth: first and last frame of the true event, 1-based.
    """

    scene: Scene
    answers: tuple[Answer, ...]
    truth: tuple[int, int]

    @property
    def last(self) -> Answer:
        """The answer of the run."""
        return self.answers[-1]

    def seconds(self, sampled: float | np.ndarray) -> float | np.ndarray:
        """The time of a sampled frame; halves lie between two of them."""
        video, numbers = self.scene.video, np.arange(len(self.scene.sampled))
        return np.interp(sampled, numbers, self.scene.sampled) / video.frame_rate


def trace() -> Trace:
    """Runs E3M on the demo's video, with one iteration, with two, and so on.

    The loop is deterministic, so a run with fewer iterations is the beginning of a longer one.
    """
    encoder = load_encoder("bundled")
    video, boxes = Video.open(demo_video(VIDEO)), demo_boxes(VIDEO)

    def given(_: Video, frames: np.ndarray) -> list[Boxes]:
        return [boxes[frame] for frame in frames]

    pipeline = Pipeline(encoder, E3MConfig())
    scene = pipeline.look(pipeline.survey(video, given))
    answers = []
    for n_iter in range(1, E3MConfig().n_iter + 1):
        (answer,) = Pipeline(encoder, E3MConfig(n_iter=n_iter)).answer(scene, [SENTENCE])
        answers.append(answer)
        if answer.grounding.converged:
            break
    (truth,) = [s for s in VIDEOS[VIDEO] if s.text == SENTENCE]
    return Trace(scene, tuple(answers), (truth.first, truth.last))


def figure(run: Trace) -> Figure:
    """The steps of a run, one below the other."""
    drawn = plt.figure(figsize=(10, 13.2), layout="constrained")
    rows = drawn.subfigures(5, 1, height_ratios=[2.3, 2.6, 2.0, 2.3, 2.0])
    for row, (title, draw) in zip(rows, STEPS.items(), strict=True):
        row.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        draw(row, run)
    return drawn


def _candidates(part: Figure, run: Trace) -> None:
    """Frames of both halves of the video, with all candidates and the picked one."""
    tracks, picks = run.last.tracks, run.last.grounding.picks
    most = (tracks.kind == DETECTED).sum(axis=0)
    inside = np.arange(run.last.grounding.first, run.last.grounding.last + 1)
    outside = np.setdiff1d(np.arange(len(picks)), inside)
    shown = outside[most[outside].argmax()], inside[len(inside) // 2]
    for axes, t in zip(part.subplots(1, len(shown)), shown, strict=True):
        axes.imshow(_frame(run, t))
        for track in np.flatnonzero(np.isin(tracks.kind[:, t], (DETECTED, FILLED))):
            picked = track == picks[t]
            _box(axes, tracks.box[track, t], PICKED if picked else "white", 2.5 if picked else 1)
        axes.set_title(f"frame {run.scene.sampled[t] + 1}", fontsize=9)
        axes.set_axis_off()


def _tracks(part: Figure, run: Trace) -> None:
    """A line per track over time; those that are picked are coloured."""
    axes = part.subplots()
    tracks, picks = run.last.tracks, run.last.grounding.picks
    seen = np.isin(tracks.kind, (DETECTED, FILLED))
    order = np.argsort([row.argmax() if row.any() else len(row) for row in seen], kind="stable")
    for line, track in enumerate(order):
        for kind, size, face in ((DETECTED, 12, None), (FILLED, 12, "white")):
            t = np.flatnonzero(tracks.kind[track] == kind)
            colours = [PICKED if picks[i] == track else OTHER for i in t]
            faces = colours if face is None else face
            axes.scatter(run.seconds(t), [line] * len(t), size, c=faces, edgecolors=colours)
    for cut in run.scene.cuts:
        axes.axvline(cut / run.scene.video.frame_rate, color="black", linewidth=0.7, linestyle=":")
    axes.set_ylabel("track")
    axes.set_yticks([])
    _timed(axes, run)
    for label, face, edge in (
        ("detected", OTHER, OTHER),
        ("filled by the Kalman filter", "white", OTHER),
        ("picked", PICKED, PICKED),
    ):
        axes.scatter([], [], 20, c=face, edgecolors=edge, label=label)
    axes.plot([], [], color="black", linewidth=0.7, linestyle=":", label="cut")
    axes.legend(fontsize=8, loc="upper left")


def _prototypes(part: Figure, run: Trace) -> None:
    """The regions that the text was calibrated with."""
    prototypes = sorted(run.last.grounding.prototypes, key=lambda p: -p.weight)
    for axes, prototype in zip(part.subplots(1, len(prototypes)), prototypes, strict=True):
        x1, y1, x2, y2 = np.round(prototype.box).astype(int).clip(0)
        axes.imshow(_frame(run, prototype.frame)[y1:y2, x1:x2])
        number = run.scene.sampled[prototype.frame] + 1
        axes.set_title(f"{prototype.weight:.2f}, frame {number}", fontsize=9)
        axes.set_axis_off()


def _gamma(part: Figure, run: Trace) -> None:
    """The relevance of the frames after each iteration, and what it led to."""
    axes = part.subplots()
    shades = SHADES[-len(run.answers) :]
    for number, (answer, shade) in enumerate(zip(run.answers, shades, strict=True), 1):
        gamma, (first, last) = answer.grounding.gamma, frames(answer)
        axes.plot(
            run.seconds(np.arange(len(gamma))),
            gamma,
            color=shade,
            linewidth=2,
            label=f"iteration {number}: frames {first} to {last}",
        )
    axes.set_ylabel("gamma")
    axes.legend(fontsize=8, loc="upper left")
    _timed(axes, run)


def _events(part: Figure, run: Trace) -> None:
    """Mean relevance of each atomic event; the answer, and the truth above it."""
    axes = part.subplots()
    for event in run.last.grounding.events:
        start, end = run.seconds(event.first - 0.5), run.seconds(event.last + 0.5)
        axes.bar(
            (start + end) / 2,
            event.relevance,
            width=(end - start) * 0.96,
            color=PICKED if event.selected else OTHER,
        )
    rate = run.scene.video.frame_rate
    first, last = run.truth
    axes.plot([(first - 1) / rate, last / rate], [1.08] * 2, color=TRUE, linewidth=5)
    axes.scatter([], [], 30, c=PICKED, marker="s", label="the answer")
    axes.scatter([], [], 30, c=TRUE, marker="s", label=f"true: frames {first} to {last}")
    axes.set_ylim(0, 1.15)
    axes.set_ylabel("mean relevance")
    axes.set_xlabel("seconds")
    axes.legend(fontsize=8, loc="upper left")
    _timed(axes, run)


STEPS = {
    f"1. Candidates, and the one that is picked for “{SENTENCE}”": _candidates,
    "2. Region propagation: boxes become tracks, gaps are filled": _tracks,
    "3. Prototypes: regions that stand for the sentence in this video": _prototypes,
    "4. Relevance gamma of each frame, by iteration": _gamma,
    "5. Atomic events, and those that are the answer": _events,
}
"""What is drawn, by its title."""


def frames(answer: Answer) -> tuple[int, int]:
    """First and last frame of an answer, 1-based."""
    return answer.tube.first + 1, answer.tube.last + 1


def _timed(axes: Axes, run: Trace) -> None:
    axes.set_xlim(0, run.scene.video.frame_count / run.scene.video.frame_rate)


def _box(axes: Axes, box: np.ndarray, colour: str, width: float) -> None:
    x1, y1, x2, y2 = box
    axes.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, color=colour, linewidth=width))


def _frame(run: Trace, t: int) -> np.ndarray:
    """The picture of a sampled frame."""
    return run.scene.video.peek(int(run.scene.sampled[t]))


def main() -> None:
    """Draws the picture anew."""
    run = trace()
    figure(run).savefig(PICTURE, dpi=90, pil_kwargs={"quality": 88})
    for number, answer in enumerate(run.answers, 1):
        print(f"iteration {number}: frames {frames(answer)[0]} to {frames(answer)[1]}")


if __name__ == "__main__":
    main()

"""Quality of the tubes on real video: presets, each part switched off, naive CLIP, the upper bound.

Usage: python -m benchmarks.quality [--sets joined panned clips long] [--encoders bundled flickr8k]
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import Detector, Survey, load_detector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Tube
from fiftyone_e3m.encoders import Encoder, load_encoder
from fiftyone_e3m.evaluation.metrics import TimedBoxes, summarise, tiou, viou
from fiftyone_e3m.pipeline import Pipeline, Scene, candidates_of
from fiftyone_e3m.results import Answer
from fiftyone_e3m.sentences import TextReader, prompt
from fiftyone_e3m.video import Video

from .baselines import ceiling, naive
from .confidence import Judged, absent_sentences, interval, report
from .shared_data import DETECTOR, ROOT, Item, clips_set, long_set, queries_set

VARIANTS: dict[str, E3MConfig] = {
    "preset paper": E3MConfig.preset("paper"),
    "preset default": E3MConfig(),
    "no shots": E3MConfig(shots=False),
    "no contrast": E3MConfig(contrast=False),
    "no labels": E3MConfig(label_weight=0),
    "no size": E3MConfig(size_weight=0),
    "no pick in gamma": E3MConfig(pick_weight=0),
    "partial objects not trimmed": E3MConfig(trim_partial=False),
    "no region propagation": E3MConfig(propagate=False),
    "tracks extended as context": E3MConfig(extend_tracks=True),
    "every picture encoded": E3MConfig(skip_change=0),
    "every picture, tracks extended": E3MConfig(skip_change=0, extend_tracks=True),
    "skip_change=0.05": E3MConfig(skip_change=0.05),
    "skip_change=0.1": E3MConfig(skip_change=0.1),
    "skip_change=0.2": E3MConfig(skip_change=0.2),
    "skip_change=0.3": E3MConfig(skip_change=0.3),
    "skip_seconds=1": E3MConfig(skip_seconds=1),
    "skip_seconds=3": E3MConfig(skip_seconds=3),
    "unlikely classes dropped": E3MConfig(drop_unlikely=True),
    "20 frames": E3MConfig(max_frames=20),
    "20 frames, zoom": E3MConfig(max_frames=20, zoom=True),
    "50 frames": E3MConfig(max_frames=50),
    "50 frames, zoom": E3MConfig(max_frames=50, zoom=True),
    "no visual context": E3MConfig(context=False),
    "no text prototypes": E3MConfig(prototypes=False),
    "no denoised frames": E3MConfig(denoise="none"),
    "denoise='others'": E3MConfig(denoise="others"),
    "one iteration": E3MConfig(n_iter=1),
    "argmax instead of viterbi": E3MConfig(link="argmax"),
    "best track instead of viterbi": E3MConfig(link="track"),
    "no atomic events": E3MConfig(events="peak"),
    "crop prompt only": E3MConfig(prompts=("crop",)),
    "blur prompt only": E3MConfig(prompts=("blur",)),
}
SCENE_PARAMETERS = (
    "shots",
    "denoise",
    "prompts",
    "propagate",
    "extend_tracks",
    "skip_change",
    "skip_seconds",
)
"""The varied parameters that affect what is computed before a sentence is asked."""


class MemoEncoder:
    """An encoder that memoises images, so that a variant costs only the images that are new.

    Attributes:
        asked: number of images that it was shown.
        reader: encodes sentences with it, each once.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.asked = 0
        self._encoder = encoder
        self._known: dict[bytes, NDArray[np.float32]] = {}
        self.name, self.notice = encoder.name, encoder.notice
        self.image_size = encoder.image_size
        self.reader = TextReader(self)

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked += len(images)
        keys = [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images]
        new = [i for i, key in enumerate(keys) if key not in self._known]
        if new:
            for i, feature in zip(new, self._encoder.encode_images(images[new]), strict=True):
                self._known[keys[i]] = feature
        return np.stack([self._known[key] for key in keys])

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encoder.encode_texts(texts)

    def exceeds_context(self, text: str) -> bool:
        return self._encoder.exceeds_context(text)


@dataclass(frozen=True)
class Prepared:
    """A video with its boxes and cuts, and the scenes computed so far."""

    item: Item
    survey: Survey
    scenes: dict[object, Scene] = field(default_factory=dict)

    def scene(self, encoder: MemoEncoder, config: E3MConfig) -> Scene:
        """The encoded video, shared by variants that do not affect it."""
        key = id(encoder), *(getattr(config, name) for name in SCENE_PARAMETERS)
        if key not in self.scenes:
            survey = self.survey if config.shots else replace(self.survey, cuts=[])
            self.scenes[key] = Pipeline(encoder, config, reader=encoder.reader).look(survey)
        return self.scenes[key]

    def answers(
        self, sentences: Sequence[str], encoder: MemoEncoder, config: E3MConfig
    ) -> list[Answer]:
        """The answers to sentences."""
        pipeline = Pipeline(encoder, config, reader=encoder.reader)
        if config.drop_unlikely or config.zoom or config.max_frames != E3MConfig().max_frames:
            return pipeline.run(self.survey.video, self.survey.boxes, sentences)[0]
        return pipeline.answer(self.scene(encoder, config), sentences)

    def boxes(self, config: E3MConfig) -> list[Boxes]:
        """The candidate boxes of each sampled frame."""
        video, raw = self.survey.video, self.survey.detections
        return [candidates_of(frame, video, config) for frame in raw]


def items(name: str, folder: Path) -> list[Item]:
    """The videos of a set; videos that must be made are written to `folder`."""
    if name == "long":
        return long_set(folder)
    return clips_set() if name == "clips" else queries_set(name)


def prepare(items: Iterable[Item], detector: Detector, config: E3MConfig) -> list[Prepared]:
    """Opens each video, samples it and detects boxes, once for all variants."""
    return [Prepared(i, Survey.of(Video.open(i.path), detector, config)) for i in items]


Pairs = list[tuple[TimedBoxes, TimedBoxes]]


def ours(prepared: Sequence[Prepared], encoder: MemoEncoder, config: E3MConfig) -> Pairs:
    """E3M's tubes and the true ones, over all queries of a set."""
    pairs: Pairs = []
    for p in prepared:
        sentences = [query.sentence for query in p.item.queries]
        answers = p.answers(sentences, encoder, config)
        tubes = [timed(answer.tube) for answer in answers]
        pairs += list(zip(tubes, [query.truth for query in p.item.queries], strict=True))
    return pairs


def judged(prepared: Sequence[Prepared], encoder: MemoEncoder, config: E3MConfig) -> list[Judged]:
    """Every answer to the sentences of a video and to sentences of other videos."""
    verdicts = []
    for p in prepared:
        absent = absent_sentences(p.item, [other.item for other in prepared])
        present = [query.sentence for query in p.item.queries]
        answers = p.answers([*present, *absent], encoder, config)
        vious = [
            viou(timed(a.tube), query.truth)
            for a, query in zip(answers, p.item.queries, strict=False)
        ] + [0.0] * len(absent)
        verdicts += [
            Judged(a.confidence, v, i < len(present))
            for i, (a, v) in enumerate(zip(answers, vious, strict=True))
        ]
    return verdicts


def per_frame(prepared: Sequence[Prepared], encoder: MemoEncoder, config: E3MConfig) -> Pairs:
    """The tubes of per-frame CLIP and the true ones."""
    pairs: Pairs = []
    for p in prepared:
        prompts = [prompt(query.sentence, config) for query in p.item.queries]
        texts = encoder.reader.read(prompts)
        tubes = naive(p.survey.video, p.survey.sampled, p.boxes(config), texts, encoder)
        pairs += list(zip(tubes, [query.truth for query in p.item.queries], strict=True))
    return pairs


def best_possible(prepared: Sequence[Prepared], config: E3MConfig) -> Pairs:
    """The best tubes that any choice among the boxes can reach, and the true ones."""
    pairs: Pairs = []
    for p in prepared:
        boxes = p.boxes(config)
        pairs += [
            (ceiling(p.survey.video, p.survey.sampled, boxes, query.truth), query.truth)
            for query in p.item.queries
        ]
    return pairs


def timed(tube: Tube) -> TimedBoxes:
    """A tube as input to the metrics."""
    return TimedBoxes(
        tube.first, tube.last, dict(zip(tube.frames.tolist(), tube.xyxy, strict=True))
    )


def line(name: str, pairs: Pairs) -> str:
    """One row of a table: means, the middle 90 % of a bootstrap, shares; ends inclusive."""
    tious, vious = [tiou(a, b) for a, b in pairs], [viou(a, b) for a, b in pairs]
    scores = summarise(tious, vious)
    (t_low, t_high), (v_low, v_high) = interval(tious), interval(vious)
    return (
        f"  {name:31} {scores.m_tiou:.3f} [{t_low:.2f} {t_high:.2f}]"
        f"  {scores.m_viou:.3f} [{v_low:.2f} {v_high:.2f}]"
        f"  {scores.viou_at[0]:.3f}  {scores.viou_at[1]:.3f}"
    )


def load(name: str, folder: str) -> Encoder:
    """The encoder "bundled", or "flickr8k" or "bf16:flickr8k" from the shared checkpoint."""
    if name == "bundled":
        return load_encoder("bundled")
    prepare_script = ROOT / "models" / "prepare.py"
    subprocess.run([sys.executable, prepare_script, folder], check=True, stdout=subprocess.DEVNULL)
    return load_encoder(name.replace("flickr8k", f"local-dir:{folder}"))


def main() -> None:
    """Prints one table per set and encoder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=["joined", "panned", "clips", "long"])
    parser.add_argument("--encoders", nargs="+", default=["bundled", "flickr8k"])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS))
    arguments = parser.parse_args()
    if not Path(DETECTOR).exists():
        sys.exit(
            f"No shared data in {ROOT}: set E3M_SHARED to the folder that holds data/ and models/."
        )
    config = E3MConfig()
    detector = load_detector(str(DETECTOR))
    with tempfile.TemporaryDirectory() as folder:
        sets = {
            name: prepare(items(name, Path(folder)), detector, config) for name in arguments.sets
        }
        for encoder_name in arguments.encoders:
            encoder = MemoEncoder(load(encoder_name, folder))
            for set_name, prepared in sets.items():
                n = sum(len(p.item.queries) for p in prepared)
                print(f"\n{set_name}, encoder {encoder_name}, {n} pairs")
                print(
                    f"  {'':31} m_tIoU [90 %]       m_vIoU [90 %]       @0.3   @0.5   images/box",
                    flush=True,
                )
                n_boxes = sum(len(frame) for p in prepared for frame in p.boxes(config))
                for variant in arguments.variants:
                    asked = encoder.asked
                    pairs = ours(prepared, encoder, VARIANTS[variant])
                    cost = (encoder.asked - asked) / n_boxes
                    shown = f"  {cost:.2f}" if cost else ""
                    print(line(variant, pairs) + shown, flush=True)
                print(line("naive per-frame CLIP", per_frame(prepared, encoder, config)))
                print(line("ceiling", best_possible(prepared, config)))
                print("\n".join(f"  {text}" for text in report(judged(prepared, encoder, config))))


if __name__ == "__main__":
    main()

"""Videos of the sets, sampled and encoded once for all variants that can share the work."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import Detector, Survey, candidates_of
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.encoders import Encoder, load_encoder
from fiftyone_e3m.pipeline import Pipeline, Scene
from fiftyone_e3m.results import Answer
from fiftyone_e3m.sentences import TextReader
from fiftyone_e3m.video import Video

from .made_sets import made_set
from .outside_set import outside_set
from .shared_data import ROOT, Item, clips_set, long_set, queries_set


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
        marks = [config.marked(mark) for mark in ("regions", "picture", "selection")]
        key = id(encoder), repr(marks)
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
    """The videos of a set; videos that must be made are written to `folder`.

    Those of "outside", "joins" and "pans" have folders of their own, where they stay.
    """
    if name == "long":
        return long_set(folder)
    if name == "outside":
        return outside_set()
    if name in ("joins", "pans"):
        return made_set(name)
    return clips_set() if name == "clips" else queries_set(name)


def prepare(items: Iterable[Item], detector: Detector, config: E3MConfig) -> list[Prepared]:
    """Opens each video, samples it and detects boxes, once for all variants."""
    return [Prepared(i, Survey.of(Video.open(i.path), detector, config)) for i in items]


def load(name: str, folder: str) -> Encoder:
    """The encoder "bundled", or "flickr8k" or "bf16:flickr8k" from the shared checkpoint."""
    if name == "bundled":
        return load_encoder("bundled")
    prepare_script = ROOT / "models" / "prepare.py"
    subprocess.run([sys.executable, prepare_script, folder], check=True, stdout=subprocess.DEVNULL)
    return load_encoder(name.replace("flickr8k", f"local-dir:{folder}"))

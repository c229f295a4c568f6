"""Ways to ground a sentence: ours, the usual naive one, and the least that any method costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from PIL import Image
from ultralytics import YOLO
from ultralytics.utils import LOGGER

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.cache import Cache
from fiftyone_e3m.candidates import Detector, load_detector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.encoders import Encoder
from fiftyone_e3m.encoders.open_clip import OpenClipEncoder
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.results import Answer
from fiftyone_e3m.sentences import TextReader
from fiftyone_e3m.video import Video

from .shared_data import DETECTOR
from .stages import Stages

ARCHITECTURE = "ViT-B-32"


class Models:
    """The same models for all ways: plain for the naive one and the lower bound, wrapped for ours.

    Attributes:
        clip: open_clip's model, with random weights that are the same in every process.
        preprocess: its transform of PIL images.
        tokenizer: its tokenizer.
        detector: the detector in our wrapper.
        tracker: the same detector as a plain ultralytics model.
    """

    def __init__(self) -> None:
        LOGGER.setLevel("ERROR")  # the tracker warns at cuts, in the middle of the tables
        torch.manual_seed(0)
        clip, _, preprocess = open_clip.create_model_and_transforms(ARCHITECTURE)
        self.clip: Any = clip.eval()
        self.preprocess: Any = preprocess
        self.tokenizer: Any = open_clip.get_tokenizer(ARCHITECTURE)
        self.detector: Detector = load_detector(str(DETECTOR))
        self.tracker: Any = YOLO(DETECTOR, task="detect")
        self._folder = TemporaryDirectory()

    def encoder(self) -> OpenClipEncoder:
        """The same model in our wrapper."""
        return OpenClipEncoder(self.clip, self.tokenizer, f"{ARCHITECTURE}/random")

    def reader(self, encoder: Encoder, knows_unrelated: bool = True) -> TextReader:
        """A reader that has not encoded any query yet.

        Args:
            encoder: the encoder.
            knows_unrelated: whether it holds the unrelated texts, as after the first video.
        """
        cache = Cache(Path(self._folder.name), 2**24) if knows_unrelated else None
        reader = TextReader(encoder, cache)
        if knows_unrelated:
            _ = reader.unrelated
        return reader


def ours(
    video: Video,
    query: str,
    models: Models,
    encoder: Encoder,
    config: E3MConfig,
    overlap: bool = True,
    cache: Cache | None = None,
    reader: TextReader | None = None,
) -> list[Answer]:
    """Grounds a sentence as `ground` does, without FiftyOne."""
    pipeline = Pipeline(encoder, config, cache, overlap, reader)
    return pipeline.run(video, models.detector, [query])[0]


def naive(
    path: Path,
    sampled: NDArray[np.int64],
    boxes: Sequence[Boxes],
    query: str,
    models: Models,
    watch: Stages,
) -> list[int]:
    """Track with ultralytics, crop with PIL, encode frame by frame, take the best box of each.

    Args:
        path: the video.
        sampled: (T,) 0-based numbers of the sampled frames.
        boxes: the boxes to encode, the same as ours; those of the tracker are not used.
        query: the sentence.
        models: the models.
        watch: records the time of each stage.

    Returns:
        The row of the best box of each frame with boxes.
    """
    best = []
    wanted = dict(zip(sampled.tolist(), boxes, strict=True))
    capture = cv2.VideoCapture(str(path))
    with torch.no_grad():
        with watch.stage("encode texts", 1):
            text = models.clip.encode_text(models.tokenizer([query]), normalize=True)
        number = 0
        while True:
            with watch.stage("decode", 1):
                ok, frame = capture.read()
            if not ok:
                break
            if number in wanted:
                rows = wanted[number].xyxy.tolist()
                with watch.stage("detect", 1):
                    models.tracker.track(frame, persist=number > 0, verbose=False)
                with watch.stage("crop", len(rows)):
                    image = Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
                    crops = [models.preprocess(image.crop(box)) for box in rows]
                if crops:
                    with watch.stage("encode images", len(crops)):
                        features = models.clip.encode_image(torch.stack(crops), normalize=True)
                        best.append(int((features @ text.T).argmax()))
            number += 1
    capture.release()
    return best


def floor(n: int, models: Models, batch: int = 16) -> None:
    """Encodes `n` images in batches and does nothing else."""
    images = torch.rand(batch, 3, *models.clip.visual.image_size)
    images = images.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        for start in range(0, n, batch):
            models.clip.encode_image(images[: min(batch, n - start)])

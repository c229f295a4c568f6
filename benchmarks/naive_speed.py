"""What people write today, and the least that any method could cost: both to be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from PIL import Image
from shared_data import DETECTOR
from ultralytics import YOLO

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import Detector, load_detector
from fiftyone_e3m.encoders.open_clip import OpenClipEncoder

ARCHITECTURE = "ViT-B-32"


class Models:
    """The same models for all: bare for the naive pipeline and the floor, wrapped for ours.

    Attributes:
        clip: open_clip's model, at random weights that are the same in every process.
        preprocess: its own transform of PIL images.
        tokenizer: its own.
        encoder: the same model as ours.
        detector: the detector as ours.
        tracker: the same detector as ultralytics gives it to users.
    """

    def __init__(self) -> None:
        torch.manual_seed(0)
        clip, _, preprocess = open_clip.create_model_and_transforms(ARCHITECTURE)
        self.clip: Any = clip.eval()
        self.preprocess: Any = preprocess
        self.tokenizer: Any = open_clip.get_tokenizer(ARCHITECTURE)
        self.encoder = OpenClipEncoder(clip, self.tokenizer, f"{ARCHITECTURE}/random")
        self.detector: Detector = load_detector(str(DETECTOR))
        self.tracker: Any = YOLO(DETECTOR, task="detect")


def naive(
    path: Path, sampled: NDArray[np.int64], boxes: Sequence[Boxes], query: str, models: Models
) -> list[int]:
    """Track with ultralytics, crop with PIL, encode frame by frame, take the best box of each.

    Args:
        path: the video.
        sampled: (T,) 0-based numbers of the frames to look at.
        boxes: the boxes to encode, so that they are the same as ours; the tracker's are not used.
        query: the sentence.
        models: the models.

    Returns:
        The row of the best box of each frame with boxes.
    """
    best = []
    wanted = dict(zip(sampled.tolist(), boxes, strict=True))
    capture = cv2.VideoCapture(str(path))
    with torch.no_grad():
        text = models.clip.encode_text(models.tokenizer([query]), normalize=True)
        number = 0
        while True:
            ok, frame = capture.read()
            if not ok:
                break
            if number in wanted:
                models.tracker.track(frame, persist=number > 0, verbose=False)
                image = Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
                crops = [models.preprocess(image.crop(box)) for box in wanted[number].xyxy.tolist()]
                if crops:
                    features = models.clip.encode_image(torch.stack(crops), normalize=True)
                    best.append(int((features @ text.T).argmax()))
            number += 1
    capture.release()
    return best


def floor(n: int, models: Models, batch: int = 16) -> None:
    """`n` images through the encoder in batches, and nothing else."""
    images = torch.rand(batch, 3, *models.encoder.image_size)
    images = images.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        for start in range(0, n, batch):
            models.clip.encode_image(images[: min(batch, n - start)])

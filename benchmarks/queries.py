"""What a second sentence costs: two queries on one video against one, medians of five.

Usage: python benchmarks/queries.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.demo import SENTENCES, demo_boxes, demo_video
from fiftyone_e3m.encoders import Encoder, load_encoder
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Video

ROUNDS = 5


def seconds(video: Video, queries: Sequence[str], encoder: Encoder) -> float:
    """Wall time of grounding sentences in the demo video, with nothing cached."""

    def boxes(video: Video, sampled: NDArray[np.int64]) -> list[Boxes]:
        frames = demo_boxes()
        return [frames[i] for i in sampled]

    start = time.perf_counter()
    Pipeline(encoder, E3MConfig()).run(video, boxes, queries)
    return time.perf_counter() - start


def main() -> None:
    """Prints both medians and their ratio."""
    video, encoder = Video.open(demo_video()), load_encoder("bundled")
    texts = [sentence.text for sentence in SENTENCES]
    seconds(video, texts[:1], encoder)
    one, two = [], []
    for _ in range(ROUNDS):
        one.append(seconds(video, texts[:1], encoder))
        two.append(seconds(video, texts[:2], encoder))
    ratio = statistics.median(b / a for a, b in zip(one, two, strict=True))
    print(f"one query   {statistics.median(one):.2f} s")
    print(f"two queries {statistics.median(two):.2f} s")
    print(f"ratio       {ratio:.3f}")


if __name__ == "__main__":
    main()

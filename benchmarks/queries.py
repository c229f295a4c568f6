"""What a second sentence costs: two queries on one video against one, medians of five.

Usage: python -m benchmarks.queries
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.cache import Cache
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.demo import VIDEOS, demo_boxes, demo_video
from fiftyone_e3m.encoders import Encoder, load_encoder
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.sentences import TextReader
from fiftyone_e3m.video import Video

ROUNDS = 5


def seconds(video: Video, queries: Sequence[str], encoder: Encoder, texts: Cache) -> float:
    """Wall time of grounding sentences in the demo video.

    Args:
        video: the file.
        queries: the sentences.
        encoder: the encoder.
        texts: holds the features of the unrelated texts and nothing else.
    """
    reader = TextReader(encoder, texts)
    _ = reader.unrelated

    def boxes(video: Video, sampled: NDArray[np.int64]) -> list[Boxes]:
        frames = demo_boxes()
        return [frames[i] for i in sampled]

    start = time.perf_counter()
    Pipeline(encoder, E3MConfig(), reader=reader).run(video, boxes, queries)
    return time.perf_counter() - start


def main() -> None:
    """Prints both medians and their ratio."""
    video, encoder = Video.open(demo_video()), load_encoder("bundled")
    texts = [sentence.text for sentence in VIDEOS["bikes"]]
    one, two = [], []
    with TemporaryDirectory() as folder:
        cache = Cache(Path(folder), 2**24)
        seconds(video, texts[:1], encoder, cache)  # warms up
        for _ in range(ROUNDS):
            one.append(seconds(video, texts[:1], encoder, cache))
            two.append(seconds(video, texts[:2], encoder, cache))
    ratio = statistics.median(b / a for a, b in zip(one, two, strict=True))
    print(f"one query   {statistics.median(one):.2f} s")
    print(f"two queries {statistics.median(two):.2f} s")
    print(f"ratio       {ratio:.3f}")


if __name__ == "__main__":
    main()

"""How good the tubes are on real video: E3M, each module switched off, naive CLIP, the ceiling.

Usage: python benchmarks/quality.py [--sets joined panned clips] [--encoders bundled flickr8k]
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from baselines import ceiling, naive
from numpy.typing import NDArray
from shared_data import DETECTOR, ROOT, Item, clips_set, queries_set

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import Detector, detect, load_detector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Tube
from fiftyone_e3m.encoders import Encoder, load_encoder
from fiftyone_e3m.evaluation.metrics import Scores, TimedBoxes, summarise, tiou, viou
from fiftyone_e3m.pipeline import candidates_of, encode_queries, ground_video
from fiftyone_e3m.video import Video

VARIANTS: dict[str, dict[str, object]] = {
    "E3M": {},
    "denoise='others'": {"denoise": "others"},
    "no denoised frames": {"denoise": "none"},
    "no region propagation": {"propagate": False},
    "no visual context": {"context": False},
    "no text prototypes": {"prototypes": False},
    "original text in the E-step": {"relevance_text": "original"},
    "one iteration": {"n_iter": 1},
    "argmax instead of viterbi": {"link": "argmax"},
    "best track instead of viterbi": {"link": "track"},
    "no atomic events": {"events": "peak"},
    "crop prompt only": {"prompts": ("crop",)},
    "blur prompt only": {"prompts": ("blur",)},
}


class MemoEncoder:
    """An encoder that remembers images, so that a variant costs only what it shows anew."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[bytes, NDArray[np.float32]] = {}
        self.name, self.notice = encoder.name, encoder.notice
        self.image_size = encoder.image_size

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
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
    """A video with its boxes at the sampled frames."""

    item: Item
    video: Video
    sampled: NDArray[np.int64]
    raw: list[Boxes]


def prepare(items: Iterable[Item], detector: Detector, config: E3MConfig) -> list[Prepared]:
    """Opens, samples and detects once for all variants."""
    prepared = []
    for item in items:
        video = Video.open(item.path)
        sampled = video.sample(config.sample_fps, config.max_frames)
        prepared.append(Prepared(item, video, sampled, detect(video, sampled, detector)))
    return prepared


def score_e3m(prepared: Sequence[Prepared], encoder: Encoder, config: E3MConfig) -> Scores:
    """E3M over all queries of a set."""
    pairs = []
    for p in prepared:
        raw = p.raw
        sentences = [query.sentence for query in p.item.queries]
        answers, _ = ground_video(p.video, lambda *_, raw=raw: raw, sentences, encoder, config)
        tubes = [timed(answer.tube) for answer in answers]
        pairs += list(zip(tubes, [query.truth for query in p.item.queries], strict=True))
    return score(pairs)


def score_naive(prepared: Sequence[Prepared], encoder: Encoder, config: E3MConfig) -> Scores:
    """Per-frame CLIP over all queries of a set."""
    pairs = []
    for p in prepared:
        texts = encode_queries(encoder, [query.sentence for query in p.item.queries], config)
        boxes = [candidates_of(raw, p.video, config) for raw in p.raw]
        tubes = naive(p.video, p.sampled, boxes, texts, encoder)
        pairs += list(zip(tubes, [query.truth for query in p.item.queries], strict=True))
    return score(pairs)


def score_ceiling(prepared: Sequence[Prepared], config: E3MConfig) -> Scores:
    """The best that any choice among the boxes can reach."""
    pairs = []
    for p in prepared:
        boxes = [candidates_of(raw, p.video, config) for raw in p.raw]
        pairs += [
            (ceiling(p.video, p.sampled, boxes, query.truth), query.truth)
            for query in p.item.queries
        ]
    return score(pairs)


def timed(tube: Tube) -> TimedBoxes:
    """A tube as the metrics see it."""
    return TimedBoxes(
        tube.first, tube.last, dict(zip(tube.frames.tolist(), tube.xyxy, strict=True))
    )


def score(pairs: Sequence[tuple[TimedBoxes, TimedBoxes]]) -> Scores:
    """Metrics over pairs of prediction and truth, ends inclusive."""
    return summarise([tiou(a, b) for a, b in pairs], [viou(a, b) for a, b in pairs])


def load(name: str, folder: str) -> Encoder:
    """The encoder "bundled", or "flickr8k" from the shared checkpoint."""
    if name == "bundled":
        return load_encoder("bundled")
    prepare_script = ROOT / "models" / "prepare.py"
    subprocess.run([sys.executable, prepare_script, folder], check=True, stdout=subprocess.DEVNULL)
    return load_encoder(f"local-dir:{folder}")


def main() -> None:
    """Prints one table per set and encoder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=["joined", "panned", "clips"])
    parser.add_argument("--encoders", nargs="+", default=["bundled", "flickr8k"])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS))
    arguments = parser.parse_args()
    if not Path(DETECTOR).exists():
        sys.exit(
            f"No shared data in {ROOT}: set E3M_SHARED to the folder that holds data/ and models/."
        )
    config = E3MConfig()
    detector = load_detector(str(DETECTOR))
    sets = {
        name: prepare(clips_set() if name == "clips" else queries_set(name), detector, config)
        for name in arguments.sets
    }
    with tempfile.TemporaryDirectory() as folder:
        for encoder_name in arguments.encoders:
            encoder = MemoEncoder(load(encoder_name, folder))
            for set_name, prepared in sets.items():
                print(f"\n{set_name}, encoder {encoder_name}", flush=True)
                for variant in arguments.variants:
                    changed = E3MConfig.model_validate(VARIANTS[variant])
                    print(f"  {variant:32}{score_e3m(prepared, encoder, changed)}", flush=True)
                print(f"  {'naive per-frame CLIP':32}{score_naive(prepared, encoder, config)}")
                print(f"  {'ceiling':32}{score_ceiling(prepared, config)}", flush=True)


if __name__ == "__main__":
    main()

"""Texts about anything: what a sentence is measured against (see `e3m.contrast`).

The sentences are chosen to cover people, animals, vehicles, things and places evenly. The nouns,
against which the classes of a detector are measured, are what everyday photos show (the classes of
COCO).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cache import Cache
from .digest import digest
from .encoders import Encoder
from .texts import PerEncoder, encode_once

SENTENCES = (
    "a man in a blue shirt is talking",
    "a woman with long hair is smiling",
    "a child is playing in the park",
    "two people are sitting at a table",
    "a group of people is standing outside",
    "a man is walking down the street",
    "a woman is cooking in a kitchen",
    "a boy is kicking a ball",
    "a girl is eating ice cream",
    "an old man is reading a newspaper",
    "a man is riding a horse",
    "a woman is holding a baby",
    "people are dancing at a party",
    "a man is playing the guitar",
    "a woman is typing on a laptop",
    "a player is throwing a ball",
    "a man is climbing a rock",
    "a skier goes down the slope",
    "a surfer rides a wave",
    "a child is swimming in a pool",
    "a person is opening a door",
    "a person is driving",
    "a worker is wearing a helmet",
    "a couple is walking on the beach",
    "a crowd is watching a game",
    "a dog is lying on the floor",
    "a cat is sleeping on a sofa",
    "a horse is standing in a field",
    "a bird is sitting on a branch",
    "a cow is eating grass",
    "an elephant is walking",
    "a sheep stands on a hill",
    "a bear is crossing a river",
    "a fish swims in the water",
    "a monkey is climbing a tree",
    "a duck swims on a lake",
    "a red car is parked",
    "a bus stops at the station",
    "a truck is driving on the highway",
    "a train is passing by",
    "an airplane is in the sky",
    "a boat is on the water",
    "a motorcycle is parked on the street",
    "a row of bicycles at the station",
    "a traffic light at a crossing",
    "a chair stands beside a table",
    "a bed in a bedroom",
    "a television in a living room",
    "a cup of coffee on a desk",
    "a bottle stands on the table",
    "a plate of food",
    "a pizza on a plate",
    "a bowl of fruit",
    "a cake with candles",
    "a vase with flowers",
    "a clock on the wall",
    "a book on a shelf",
    "a phone in a hand",
    "a bag on the floor",
    "an umbrella in the rain",
    "a backpack on the ground",
    "a pair of shoes",
    "a hat on a head",
    "a kite in the sky",
    "a ball on the grass",
    "a tree in the garden",
    "a house with a red roof",
    "a bridge over a river",
    "a mountain covered with snow",
    "a street at night",
    "a field of flowers",
    "a forest in autumn",
    "the sea at sunset",
    "a building made of glass",
    "a wall with graffiti",
)

NOUNS = (
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
)


@dataclass(frozen=True, eq=False)
class References:
    """Features of the unrelated texts.

    Attributes:
        sentences: (R, D) features of `SENTENCES`, length 1.
        nouns: (N, D) features of `NOUNS`, length 1.
    """

    sentences: NDArray[np.float32]
    nouns: NDArray[np.float32]

    def classes(self, encoder: Encoder, names: Sequence[str]) -> NDArray[np.float32]:
        """Features (K, D) of class names; those among `NOUNS` need not be encoded."""
        known = dict(zip(NOUNS, self.nouns, strict=True))
        new = sorted(set(names) - set(known))
        if new:
            known.update(zip(new, encode_once(encoder, new), strict=True))
        return np.stack([known[name] for name in names])


_known: PerEncoder[References] = PerEncoder()


def references_of(encoder: Encoder, cache: Cache | None = None) -> References:
    """The unrelated texts as an encoder sees them; encoded once per encoder.

    Args:
        encoder: turns texts into vectors.
        cache: remembers them from run to run, for encoders with a `fingerprint`.
    """
    known = _known.get(encoder)
    if known is None:
        encoded = _recall(encoder, cache)
        sentences, nouns = encoded[: len(SENTENCES)], encoded[len(SENTENCES) :]
        known = _known.set(encoder, References(sentences, nouns))
    return known


def _recall(encoder: Encoder, cache: Cache | None) -> NDArray[np.float32]:
    texts = [*SENTENCES, *NOUNS]
    fingerprint = getattr(encoder, "fingerprint", None)
    if cache is None or fingerprint is None:
        return encoder.encode_texts(texts)
    key = digest("texts", fingerprint), digest(texts)
    entry = cache.get(*key)
    if entry is None:
        entry = {"features": encoder.encode_texts(texts)}
        cache.put(*key, entry)
    return entry["features"]

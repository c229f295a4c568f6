"""Pins both metrics against a second implementation: sets of frame numbers and exact fractions.

It was written from the definitions alone, and shares no code with the package, so that a
misreading of the definitions does not go unnoticed.
"""

import random
from collections import Counter
from fractions import Fraction

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.evaluation.metrics import TimedBoxes, tiou, viou

N = 1000
MAN, DOG = "a man", "a dog"


def numbers_of(tube, ends):
    """The frames of an event, as a set."""
    return {n for n in range(1, 200) if tube.first <= n < tube.last + (ends == "inclusive")}


def box_iou(a, b):
    """IoU of two boxes with integer corners, exactly."""
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = sum((x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (a, b))
    return Fraction(width * height, areas - width * height)


def recount(found, true, ends):
    """Temporal and spatio-temporal IoU as fractions."""
    in_found, in_true = numbers_of(found, ends), numbers_of(true, ends)
    either = in_found | in_true
    if not either:
        return Fraction(0), Fraction(0)
    scored = in_found & in_true & set(found.boxes) & set(true.boxes)
    total = sum((box_iou(found.boxes[n], true.boxes[n]) for n in scored), Fraction(0))
    return Fraction(len(in_found & in_true), len(either)), total / len(either)


def any_tube(rng):
    """A random tube of 1 to 40 frames, many of which may have no box."""
    first, length = rng.randint(1, 25), rng.choice([1, rng.randint(2, 40), rng.randint(2, 40)])
    missing = rng.choice([0, 0, 0.2, 1])
    boxes = {}
    for number in range(first - 2, first + length + 2):
        if rng.random() >= missing:
            x, y = rng.randint(0, 30), rng.randint(0, 30)
            boxes[number] = (x, y, x + rng.randint(1, 40), y + rng.randint(1, 40))
    return TimedBoxes(first, first + length - 1, boxes)


@pytest.mark.parametrize("ends", ["inclusive", "half_open"])
def test_random_tubes_score_as_an_exact_recount_says(ends):
    rng, kinds = random.Random(0), Counter()
    for _ in range(N):
        found, true = any_tube(rng), any_tube(rng)
        in_time, in_both = recount(found, true, ends)
        assert tiou(found, true, ends) == pytest.approx(float(in_time), abs=1e-12)
        assert viou(found, true, ends) == pytest.approx(float(in_both), abs=1e-12)
        kinds["disjoint"] += in_time == 0
        kinds["no shared boxes"] += in_time > 0 and in_both == 0
        kinds["partly shared boxes"] += in_both > 0
        kinds["one frame"] += found.first == found.last
    assert min(kinds.values()) > N // 10, "each kind occurs"


@pytest.mark.parametrize("ends", ["inclusive", "half_open"])
def test_pixels_or_shares_of_the_frame_make_no_difference(ends):
    rng = random.Random(1)
    for _ in range(100):
        tubes = any_tube(rng), any_tube(rng)
        shares = [
            TimedBoxes(
                tube.first,
                tube.last,
                {n: (a / 1920, b / 1080, c / 1920, d / 1080) for n, (a, b, c, d) in t.items()},
            )
            for tube in tubes
            for t in [tube.boxes]
        ]
        assert viou(*shares, ends) == pytest.approx(viou(*tubes, ends))


# Through a dataset


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        # man: 4-13 against 8-15, six of twelve frames shared, each with an IoU of one half
        # dog: the same event, IoU 1 in one of its five frames, no box in the others
        ("inclusive", {MAN: (6 / 12, 3 / 12), DOG: (1, 1 / 5)}),
        ("half_open", {MAN: (5 / 11, 2.5 / 11), DOG: (1, 1 / 4)}),
    ],
)
def test_several_sentences_of_a_video_by_hand(dataset, events, ends, expected):
    sample = fo.Sample(
        filepath="/videos/clip.mp4",
        e3m_events=events({MAN: (4, 13), DOG: (2, 6)}),
        gt_events=events({MAN: (8, 15), DOG: (2, 6)}),
    )
    whole, half, other = [0.2, 0.2, 0.4, 0.4], [0.2, 0.2, 0.4, 0.2], [0.7, 0.7, 0.2, 0.2]
    for number in range(1, 17):
        found, true = [(MAN, half)], [(MAN, whole)]
        if number == 4:
            found.insert(0, (DOG, other))
        if 2 <= number <= 6:
            true.append((DOG, other))
        sample.frames[number] = fo.Frame(
            **{
                field: fo.Detections(
                    detections=[fo.Detection(label=k, bounding_box=v) for k, v in boxes]
                )
                for field, boxes in (("e3m", found), ("gt", true))
            }
        )
    dataset.add_sample(sample)
    pairs = e3m.evaluate(dataset, ends=ends).pairs
    scores = {pair.query: (pair.tiou, pair.viou) for pair in pairs}
    assert scores == {query: pytest.approx(pair) for query, pair in expected.items()}

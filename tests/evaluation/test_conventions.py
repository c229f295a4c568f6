"""Pins how `tiou` and `viou` relate to the published evaluators, which disagree on ends of events.

Each evaluator is recounted here from its definition alone, frame by frame in exact fractions. The
recounts share no code with the package or with each other, and 300 random tubes go through each.
"""

import random
from fractions import Fraction

import pytest

from fiftyone_e3m.evaluation.metrics import TimedBoxes, tiou, viou

N = 300
N_FRAMES = 120


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def box_iou(a, b):
    """IoU of two boxes with integer corners, exactly."""
    x1, y1, x2, y2 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    shared = max(0, x2 - x1) * max(0, y2 - y1)
    return Fraction(shared, area(a) + area(b) - shared)


def any_box(rng):
    x, y = rng.randint(0, 30), rng.randint(0, 30)
    return x, y, x + rng.randint(1, 40), y + rng.randint(1, 40)


def any_event(rng):
    """First and last frame of an event of a video, both inclusive."""
    first = rng.randint(0, N_FRAMES - 1)
    return first, rng.randint(first, min(N_FRAMES - 1, first + 60))


def any_boxes(rng):
    """A box on every frame, as evaluators that need no event expect it."""
    return {frame: any_box(rng) for frame in range(N_FRAMES)}


def during(boxes, first, last):
    return {frame: boxes[frame] for frame in range(first, last + 1)}


def with_gaps(rng, boxes, share):
    return {frame: box for frame, box in boxes.items() if rng.random() >= share}


def close(exact):
    return pytest.approx(float(exact), abs=1e-12)


# HC-STVG's own: both ends inclusive, divided by the hull; a box exists or the frame is not shared


def official(found, found_boxes, true, true_boxes):
    hull = max(found[1], true[1]) - min(found[0], true[0]) + 1
    ious = [box_iou(found_boxes[f], true_boxes[f]) for f in true_boxes if f in found_boxes]
    return Fraction(len(ious), hull), sum(ious, Fraction(0)) / hull


def test_inclusive_ends_are_those_of_the_evaluation_of_hcstvg():
    rng, n_shared = random.Random(0), 0
    for _ in range(N):
        found, true = any_event(rng), any_event(rng)
        found_boxes, true_boxes = during(any_boxes(rng), *found), during(any_boxes(rng), *true)
        in_time, in_both = official(found, found_boxes, true, true_boxes)
        ours = TimedBoxes(*found, found_boxes), TimedBoxes(*true, true_boxes)
        assert tiou(*ours) == close(in_time)
        assert viou(*ours) == close(in_both)
        n_shared += in_time > 0
    assert N // 4 < n_shared < N, "events that share frames, and others, whose hull has a gap"


def test_where_boxes_are_missing_the_tiou_of_hcstvg_is_lower_and_its_viou_is_ours():
    rng, n_lower = random.Random(1), 0
    for _ in range(N):
        found, true = any_event(rng), any_event(rng)
        found_boxes = with_gaps(rng, during(any_boxes(rng), *found), 0.3)
        true_boxes = with_gaps(rng, during(any_boxes(rng), *true), 0.1)
        in_time, in_both = official(found, found_boxes, true, true_boxes)
        ours = TimedBoxes(*found, found_boxes), TimedBoxes(*true, true_boxes)
        assert viou(*ours) == close(in_both)
        assert tiou(*ours) >= float(in_time) - 1e-12
        n_lower += tiou(*ours) > float(in_time) + 1e-12
    assert n_lower > N // 4


def test_missing_boxes_by_hand():
    true = TimedBoxes(1, 4, dict.fromkeys(range(1, 5), (0, 0, 2, 2)))
    half = TimedBoxes(1, 4, dict.fromkeys((1, 2), (0, 0, 2, 2)))
    assert official((1, 4), half.boxes, (1, 4), true.boxes) == (Fraction(1, 2), Fraction(1, 2))
    assert (tiou(half, true), viou(half, true)) == (1, 0.5), "the event counts, as in TubeDETR"


# TubeDETR: [start, end), tIoU from the spans, vIoU over sampled frames; the truth of HC-STVG is
# [st_frame, st_frame + number of boxes), the prediction ends after its last sampled frame


def sampled_frames(frame_rate):
    """Frames sampled at 5 per second, at most 200, evenly thinned."""
    frames, rate = [0], Fraction(5, frame_rate)
    for frame in range(N_FRAMES - 1):
        if int(frames[-1] * rate) < int(frame * rate):
            frames.append(frame)
    if len(frames) > 200:
        frames = [frames[i * len(frames) // 200] for i in range(200)]
    return frames


def tubedetr(found, true, found_boxes, true_boxes, sampled):
    shared = min(found[1], true[1]) - max(found[0], true[0])
    lengths = (found[1] - found[0]) + (true[1] - true[0])
    in_time = Fraction(shared, lengths - shared) if shared > 0 else Fraction(0)
    start, end = min(found[0], true[0]), max(found[1], true[1])
    union = [f for f in sampled if start <= f < end]
    both = [f for f in sampled if max(found[0], true[0]) <= f < min(found[1], true[1])]
    total = sum((box_iou(found_boxes[f], true_boxes[f]) for f in both), Fraction(0))
    return in_time, total / max(len(union), 1)


def tubedetr_case(rng, sampled):
    """Events, the predicted one between sampled frames, and boxes on all frames."""
    first, last = any_event(rng)
    at = sorted(rng.randrange(len(sampled)) for _ in range(2))
    return (sampled[at[0]], sampled[at[1]] + 1), (first, last + 1), any_boxes(rng), any_boxes(rng)


def test_half_open_ends_are_those_of_tubedetr_where_all_frames_are_sampled():
    rng, sampled, n_shared = random.Random(2), sampled_frames(5), 0
    assert sampled == list(range(N_FRAMES - 1))
    for _ in range(N):
        found, true, found_boxes, true_boxes = tubedetr_case(rng, sampled)
        true = true[0], min(true[1], N_FRAMES - 1)  # its last frame is never sampled
        in_time, in_both = tubedetr(found, true, found_boxes, true_boxes, sampled)
        ours = TimedBoxes(*found, found_boxes), TimedBoxes(*true, true_boxes)
        assert tiou(*ours, "half_open") == close(in_time)
        assert viou(*ours, "half_open") == close(in_both)
        n_shared += in_both > 0
    assert n_shared > N // 4


@pytest.mark.parametrize("frame_rate", [12, 25, 30])
def test_tubedetr_takes_the_time_from_all_frames_and_the_boxes_from_sampled_ones(frame_rate):
    rng, sampled, n_other = random.Random(3), sampled_frames(frame_rate), 0
    for _ in range(N):
        found, true, found_boxes, true_boxes = tubedetr_case(rng, sampled)
        in_time, in_both = tubedetr(found, true, found_boxes, true_boxes, sampled)
        ours = TimedBoxes(*found, found_boxes), TimedBoxes(*true, true_boxes)
        assert tiou(*ours, "half_open") == close(in_time)
        n_other += abs(viou(*ours, "half_open") - float(in_both)) > 1e-6

        def thinned(event, boxes):
            """The tube on sampled frames only, numbered by their positions."""
            first, end = (sum(frame < bound for frame in sampled) for bound in event)
            return TimedBoxes(first, end, {i: boxes[frame] for i, frame in enumerate(sampled)})

        pair = thinned(found, found_boxes), thinned(true, true_boxes)
        assert viou(*pair, "half_open") == close(in_both)
    assert n_other > N // 10, "our vIoU, over all frames, is another number"


def test_the_frames_of_tubedetr_are_ours_with_inclusive_ends():
    rng = random.Random(4)
    for _ in range(N):
        found, true, found_boxes, true_boxes = tubedetr_case(rng, list(range(N_FRAMES)))
        both = tubedetr(found, true, found_boxes, true_boxes, range(N_FRAMES))
        labels = [
            TimedBoxes(first, end - 1, boxes)
            for (first, end), boxes in ((found, found_boxes), (true, true_boxes))
        ]
        assert (tiou(*labels), viou(*labels)) == (close(both[0]), close(both[1]))


# STCAT, whose code CG-STVG uses: the truth of HC-STVG ends at its last frame and the prediction
# after it, and both are compared as if the end did not count


def stcat(found, true, found_boxes, true_boxes):
    shared = set(range(*found)) & set(range(*true))
    lengths = (found[1] - found[0]) + (true[1] - true[0])
    in_time = Fraction(len(shared), lengths - len(shared)) if shared else Fraction(0)
    hull = range(min(found[0], true[0]), max(found[1], true[1]))
    total = sum((box_iou(found_boxes[f], true_boxes[f]) for f in shared), Fraction(0))
    return in_time, total / max(len(hull), 1)


def test_half_open_ends_with_predictions_one_frame_longer_are_those_of_stcat():
    rng, n_other = random.Random(5), 0
    for _ in range(N):
        found, true = any_event(rng), any_event(rng)
        found_boxes, true_boxes = any_boxes(rng), during(any_boxes(rng), *true)
        after = found[0], found[1] + 1
        in_time, in_both = stcat(after, true, found_boxes, true_boxes)
        ours = TimedBoxes(*after, found_boxes), TimedBoxes(*true, true_boxes)
        assert tiou(*ours, "half_open") == close(in_time)
        assert viou(*ours, "half_open") == close(in_both)
        labels = TimedBoxes(*found, found_boxes), TimedBoxes(*true, true_boxes)
        n_other += tiou(*labels) != close(in_time)
    assert n_other > N // 4, "neither of our two conventions gives its figures from the same labels"


def test_inclusive_ends_are_those_of_stcat_on_vidstg():
    rng = random.Random(6)
    for _ in range(N):
        (begin, last), found = any_event(rng), any_event(rng)
        found_boxes, true_boxes = any_boxes(rng), during(any_boxes(rng), begin, last)
        # the annotated end of VidSTG is the frame after the last
        exact = stcat((found[0], found[1] + 1), (begin, last + 1), found_boxes, true_boxes)
        ours = TimedBoxes(*found, found_boxes), TimedBoxes(begin, last, true_boxes)
        assert (tiou(*ours), viou(*ours)) == (close(exact[0]), close(exact[1]))


def test_a_perfect_prediction_is_not_perfect_to_stcat():
    boxes = dict.fromkeys(range(11, 21), (0, 0, 2, 2))
    assert stcat((11, 21), (11, 20), boxes, boxes) == (Fraction(9, 10), Fraction(9, 10))
    assert tiou(TimedBoxes(11, 20, boxes), TimedBoxes(11, 20, boxes)) == 1

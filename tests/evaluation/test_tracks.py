"""Pins the route to track metrics in docs/evaluation.md: indices, IoUs, motmetrics.

This package has no track metric of its own, but tubes have the `index` that such metrics need. Ten
frames, two tubes; counts by hand.
"""

import fiftyone as fo
import motmetrics
import numpy as np
import pytest
from fiftyone.utils.iou import compute_ious

N = 10
PLACES = {"a red box": [0.1, 0.1, 0.2, 0.2], "a blue box": [0.6, 0.6, 0.2, 0.2]}


@pytest.fixture
def sample():
    """Both sentences have tubes; in the last two frames the two objects are swapped."""
    sample = fo.Sample(filepath="/videos/clip.mp4")
    for number in range(1, N + 1):
        places = list(PLACES.values())
        found = places if number <= N - 2 else places[::-1]
        sample.frames[number] = fo.Frame(gt=labels(places), e3m=labels(found))
    dataset = fo.Dataset()
    dataset.add_sample(sample)
    yield sample
    dataset.delete()


def labels(boxes):
    found = enumerate(zip(PLACES, boxes, strict=True), 1)
    return fo.Detections(
        detections=[fo.Detection(label=k, bounding_box=v, index=i) for i, (k, v) in found]
    )


def test_indices_and_ious_give_the_track_metrics(sample):
    tracks = motmetrics.MOTAccumulator(auto_id=True)
    for frame in sample.frames.values():
        true, predicted = (frame[field].detections for field in ("gt", "e3m"))
        distances = 1 - compute_ious(true, predicted)
        distances[distances > 0.5] = np.nan  # no match
        tracks.update([box.index for box in true], [box.index for box in predicted], distances)
    names = ["mota", "idf1", "num_switches", "num_misses"]
    summary = motmetrics.metrics.create().compute(tracks, metrics=names).iloc[0]
    assert summary["num_switches"] == 2
    assert summary["num_misses"] == 0
    assert summary["mota"] == pytest.approx(1 - 2 / (2 * N))
    assert summary["idf1"] == pytest.approx((N - 2) / N)

"""The set `outside`: boxes between keyframes, records without slips, and frames cut exactly."""

import json

import av
import numpy as np
import pytest

from benchmarks.outside_set import RECORDS, cut, interpolated, queries
from tests.films import film

FILES = sorted(RECORDS.glob("*.json"))


def test_boxes_move_evenly_between_keyframes():
    boxes = interpolated([[3, 10, 20, 4, 8], [5, 20, 20, 8, 4], [6, 0, 0, 2, 2]])
    assert boxes == {
        3: (10, 20, 14, 28),
        4: (15, 20, 21, 26),
        5: (20, 20, 28, 24),
        6: (0, 0, 2, 2),
    }


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_record_is_whole(path):
    record = json.loads(path.read_text())
    size, frames = (record["width"], record["height"]), record["frames"]
    assert len(record["absent"]) == 2
    assert len(record["sha256"]) == 64
    for query in record["queries"]:
        times, *sides = np.array(query["keyframes"]).T
        x, y, width, height = sides
        assert query["span"] == [times[0], times[-1]], query["sentence"]
        assert (np.diff(times) > 0).all(), query["sentence"]
        assert times[0] >= 0
        assert frames is None or times[-1] <= frames[1] - frames[0], query["sentence"]
        assert min(x.min(), y.min()) >= 0, query["sentence"]
        assert min(width.min(), height.min()) > 0, query["sentence"]
        assert (x + width).max() <= size[0], query["sentence"]
        assert (y + height).max() <= size[1], query["sentence"]
    for query in queries(record, path.stem):
        truth = query.truth
        assert list(truth.boxes) == list(truth.frames("inclusive"))


@pytest.mark.parametrize(("span", "expected"), [([4, 8], range(4, 9)), (None, range(12))])
def test_a_cut_shows_the_frames_that_were_asked_for(tmp_path, span, expected):
    shades = [np.full((32, 48, 3), 20 * i, np.uint8) for i in range(12)]
    cut(film(tmp_path / "source.mp4", shades, fps=10), span, tmp_path / "cut.mp4")
    with av.open(str(tmp_path / "cut.mp4")) as made:
        assert made.streams.video[0].average_rate == 10
        shown = [f.to_ndarray(format="rgb24").mean() for f in made.decode(video=0)]
    assert np.allclose(shown, [20 * i for i in expected], atol=6)

"""Pins the notes under a benchmark's table: what differs from the published protocol."""

import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.importers import ImportReport, Problem
from fiftyone_e3m.protocols.shards import Score, ShardResult, merge
from fiftyone_e3m.protocols.table import remarks


@pytest.fixture
def result():
    """`result(problem, ...)`: the result of a shard with a sentence and these problems."""

    def make(*problems, shard=(1, 1)):
        settings = {
            "detector": "yolo11n.pt",
            "boxes_field": None,
            "encoder": "bundled",
            "ends": "inclusive",
            "limit": None,
            "config": E3MConfig().model_dump(mode="json"),
        }
        report = ImportReport(1, 1, list(problems))
        score = Score("walk", "a dog", None, 1.0, 0.5, (1, 9), (1, 9), "ok")
        return ShardResult("hcstvg-v1", shard, settings, report, (score,))

    return make


def test_the_conventions_of_the_published_rows_are_told(result):
    text = " ".join(remarks(result()))
    assert "counts inclusive ends for vIoU and half-open ones for tIoU" in text
    assert "STCAT's, which does not count the last true frame of HC-STVG" in text


def test_black_videos_are_counted_over_all_shards(result):
    shards = [result(Problem("black_video", "night", "-", n), shard=(n, 2)) for n in (1, 2)]
    line = "Sentences about videos that decode black, which are counted as any others: 3."
    assert line in remarks(merge(shards))
    assert not any("decode black" in line for line in remarks(result()))


def test_a_viou_of_exactly_a_half_does_not_count(result):
    assert result().means().viou_at == (1, 0)

"""The benchmark of speed: that it runs on a real clip, and that its stopwatch counts right.

No time is asserted, as machines differ. What would make its figures lie is: time counted twice or
not at all, items counted that were none, work left out because an earlier run had done it, or a
stopwatch that stays in the package.
"""

import contextlib
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fiftyone_e3m.video import Reading, Video

pytest.importorskip("ultralytics", reason="needs the extra 'ultralytics'")

from benchmarks import further, speed
from benchmarks.stages import STAGES, Stages
from docs.timings import bars


def table(printed, heading):
    """The rows of a printed table, by their first cell."""
    lines = printed[printed.index(heading) :].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| ---")) + 1
    rows = {}
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        first, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows[first] = cells
    return rows


@pytest.fixture(scope="module")
def quick(shared_data, shared_models):
    """What `speed.py --quick` prints."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr(sys, "argv", ["speed.py", "--quick"])
        speed.main()
    return printed.getvalue()


@pytest.mark.shared
def test_all_ways_are_compared(quick):
    rows = table(quick, "| way |")
    assert list(rows) == list(speed.WAYS.values())
    assert rows[speed.WAYS["ours"]][1] == "1.00"
    assert all(float(seconds) > 0 for seconds, _ in rows.values())


@pytest.mark.shared
def test_every_stage_is_seen(quick):
    rows = table(quick, "| stage |")
    assert list(rows) == list(STAGES)
    items = {stage: cells[-1] for stage, cells in rows.items()}
    assert items["cuts"] == items["write"] == "49", "every frame is looked at and written"
    assert items["detect"] == "11", "frame 0 and every 4.8th of 49"
    assert items["crop"] == items["encode images"]
    assert int(items["encode texts"]) > 0, "a sentence of an earlier round must not be remembered"


@pytest.mark.shared
def test_the_picture_of_the_page_can_be_drawn_of_it(quick):
    (ways,) = bars(quick).values()
    assert ways["ours"]["encode images"] > 0
    assert ways["naive"]["encode images"] > 0
    assert ways["floor"]["encode images"] > 0


@pytest.mark.shared
def test_another_sentence_is_asked_in_another_process(shared_data, shared_models, capsys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["further.py", "--videos", speed.QUICK, "--repeats", "1"])
        further.main()
    seconds = table(capsys.readouterr().out, "| 20 s of |")[speed.QUICK]
    assert len(seconds) == len(further.COLUMNS)
    assert all(float(value) > 0 for value in seconds)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("benchmarks.stages.time", SimpleNamespace(perf_counter=clock))
    return clock


def test_inner_time_counts_for_the_inner_stage_alone(clock):
    stages = Stages()
    with stages.stage("crop", 3):
        clock.now += 1
        with stages.stage("decode", 1):
            clock.now += 10
        clock.now += 2
    assert stages.seconds == {"crop": 3, "decode": 10}
    assert stages.calls == {"crop": 1, "decode": 1}
    assert stages.items == {"crop": 3, "decode": 1}


def test_time_counts_when_a_stage_fails(clock):
    stages = Stages()

    def fail():
        clock.now += 1
        raise KeyError

    with pytest.raises(KeyError), stages.stage("EM"):
        fail()
    assert stages.seconds == {"EM": 1}


def test_a_watched_video_counts_its_frames_and_is_left_as_it_was(tmp_path, draw_video):
    video = Video.open(draw_video(tmp_path / "v.mp4", [{}] * 6))
    before, stages = Reading.__next__, Stages()

    class Encoder:
        def encode_images(self, images):
            return images

        def encode_texts(self, texts):
            return texts

    with stages.watch(Encoder()), contextlib.closing(video.read(np.array([0, 2, 4]))) as reading:
        assert [i for i, _ in reading] == [0, 1, 2]
        assert reading.lost == [], "still all that the survey asks for"
        Encoder().encode_texts(["a", "b"])
    assert stages.items == {"decode": 3, "encode texts": 2}
    assert Reading.__next__ is before


def test_ratios_are_taken_round_by_round():
    rounds = speed.Rounds({"ours": [1, 8, 6], "naive": [2, 2, 3]})
    assert rounds.ratio("ours", "naive") == 2, "the median of .5, 4 and 2; of the medians it is 3"
    assert rounds.median("ours") == 6


def test_a_further_query_that_encodes_again_is_no_further_query(monkeypatch, tmp_path):
    told = '{"models": 1, "further": 1, "next": 1, "pictures": 7}'
    done = SimpleNamespace(run=lambda *_, **__: SimpleNamespace(stdout=told), PIPE=None)
    monkeypatch.setattr(further, "subprocess", done)
    with pytest.raises(RuntimeError, match=r"7 pictures of clip\.mp4 were not found"):
        further.elsewhere(Path("clip.mp4"), tmp_path)

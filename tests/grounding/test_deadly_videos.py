"""Pins that a video which ends the process twice is passed over, and no other video is."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset import at_work
from fiftyone_e3m.dataset.at_work import AtWork, DeadlyVideoError
from fiftyone_e3m.dataset.outages import OutageError
from fiftyone_e3m.dataset.signals import at_work_key, forget, store
from fiftyone_e3m.video import Video

from .elsewhere import delete_elsewhere

RED = "a red box"
SMALL = (80, 60)
"""Size of the deadly video."""

CHILD = """
import importlib.util, os, signal, sys
spec = importlib.util.spec_from_file_location("stand_ins", sys.argv[1])
stand_ins = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stand_ins)
import fiftyone as fo
import fiftyone_e3m as e3m

class Deadly(stand_ins.FakeDetector):
    sent = False

    def detect(self, frames):
        if frames[0].shape[0] == 60 and not self.sent:
            self.sent = True
            os.kill(os.getpid(), getattr(signal, sys.argv[3]))
        return super().detect(frames)

dataset = fo.load_dataset(sys.argv[2])
e3m.ground(dataset, "a red box", encoder=stand_ins.FakeEncoder(), detector=Deadly(), cache=False)
"""


class EndError(BaseException):
    """Goes through everything that a run does for an error, as the end of its process does."""


@pytest.fixture
def three(make, draw_video, tmp_path):
    """A dataset of three videos, of which the second one is small."""
    dataset = make("good")
    small = draw_video(tmp_path / "small.mp4", [{"red": (10, 10, 40, 40)}] * 30, size=SMALL)
    late = dataset.first().filepath.replace("good", "late")
    dataset.add_samples([fo.Sample(filepath=str(small)), fo.Sample(filepath=late)], progress=False)
    return dataset


@pytest.fixture
def others(monkeypatch):
    """Whoever continues a run is another process, to which the one before could say a word."""
    numbers = count()
    monkeypatch.setattr(at_work, "this_process", lambda: {"pid": next(numbers)})


@pytest.fixture
def killed(others, monkeypatch):
    """As `others`, but the one before had no time for that."""
    monkeypatch.setattr(AtWork, "leave", lambda self: None)


@pytest.fixture
def deadly(fake_detector):
    """`deadly(error)`: the detector raises it at the small video."""
    detect = fake_detector.detect

    def arm(error):
        def dies(frames):
            if frames[0].shape[0] == SMALL[1]:
                raise error
            return detect(frames)

        fake_detector.detect = dies if error else detect

    return arm


@pytest.fixture
def outage(monkeypatch):
    """A context in which the database goes away when the run looks at the small video."""
    look = Video.open

    def goes(path):
        if Path(path).stem == "small":
            raise OutageError("The database has not answered for 120 s.")
        return look(path)

    @contextmanager
    def lasting():
        with monkeypatch.context() as patch:
            patch.setattr(Video, "open", goes)
            yield

    return lasting


@pytest.mark.slow
def test_a_video_that_kills_the_process_twice_is_passed_over(three):
    stand_ins = str(Path(__file__).parents[1] / "conftest.py")
    command = [sys.executable, "-c", CHILD, stand_ins, three.name, "SIGKILL"]
    ends = []
    for _ in range(3):
        ends.append(subprocess.run(command, timeout=120, env=os.environ).returncode)
        three.reload()
        assert three.values("e3m_status")[1] == (None if len(ends) < 3 else "failed")
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert three.values("e3m_status") == ["ok", "failed", "ok"]
    assert "broke off 2 times while it worked on this video" in three.values("e3m_message")[1]


@pytest.mark.slow
def test_sigterm_stops_a_run_and_blames_no_video(three):
    stand_ins = str(Path(__file__).parents[1] / "conftest.py")
    command = [sys.executable, "-c", CHILD, stand_ins, three.name, "SIGTERM"]
    ended = subprocess.run(command, timeout=120, env=os.environ).returncode
    assert ended == 128 + signal.SIGTERM
    three.reload()
    (key,) = three.list_runs()
    assert three.get_run_info(key).config.state == "stopped"
    assert store(three).get(at_work_key(key))["now"] == []


@pytest.mark.parametrize("own", [False, True])
def test_sigterm_is_handled_only_during_a_run_and_where_nobody_else_does(make, ground, own):
    def end(*_):
        raise AssertionError

    def look(*_):
        seen.append(signal.getsignal(signal.SIGTERM))

    handler, seen = end if own else signal.SIG_DFL, []
    before = signal.signal(signal.SIGTERM, handler)
    try:
        ground(make("single"), RED, progress=look)
        assert signal.getsignal(signal.SIGTERM) is handler
        (during,) = seen
        assert (during == handler) == own
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("killed")
def test_after_two_ends_the_video_fails_and_the_others_do_not(three, ground, deadly):
    deadly(EndError())
    for _ in range(2):
        with pytest.raises(EndError):
            ground(three, RED)
        assert three.values("e3m_status") == ["ok", None, None]
    summary = ground(three, RED)
    assert three.values("e3m_status") == ["ok", "failed", "ok"]
    (failed,) = [video for video in summary.videos if video.status == "failed"]
    assert "lower max_frames or max_boxes" in failed.message
    deadly(None)
    ground(three.skip(1).limit(1), RED, overwrite=True)
    assert three.values("e3m_status") == ["ok", "ok", "ok"]


@pytest.mark.usefixtures("killed")
def test_one_end_is_forgiven(three, ground, deadly):
    deadly(EndError())
    with pytest.raises(EndError):
        ground(three, RED)
    deadly(None)
    ground(three, RED)
    assert three.values("e3m_status") == ["ok", "ok", "ok"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_who_interrupts_a_run_blames_no_video(three, ground, deadly, error):
    deadly(error())
    for _ in range(3):
        with pytest.raises(error):
            ground(three, RED)
    deadly(None)
    ground(three, RED)
    assert three.values("e3m_status") == ["ok", "ok", "ok"]


def test_a_video_that_is_done_counts_though_the_run_is_interrupted_then(three, ground, monkeypatch):
    def interrupt(notes, sample_id):
        raise KeyboardInterrupt

    monkeypatch.setattr(AtWork, "end", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ground(three, RED)
    (key,) = three.list_runs()
    assert three.values("e3m_status") == ["ok", None, None]
    assert three.get_run_info(key).config.counts == {"ok": 1}


def test_an_interruption_closes_the_record_though_the_status_field_was_deleted(
    three, ground, fake_detector
):
    def interrupt(frames):
        three.delete_sample_field("e3m_status")
        raise KeyboardInterrupt

    fake_detector.detect = interrupt
    with pytest.raises(KeyboardInterrupt):
        ground(three, RED)
    (key,) = three.list_runs()
    assert three.get_run_info(key).config.state == "stopped"


@pytest.mark.usefixtures("killed")
def test_of_two_in_work_the_one_that_ends_the_run_again_is_blamed(make):
    dataset = make("good")
    first = AtWork(dataset, "run")
    first.begin("deadly")
    first.begin("neighbour")
    second = AtWork(dataset, "run")
    assert second.ends == {"deadly": 1, "neighbour": 1}
    second.begin("deadly")
    third = AtWork(dataset, "run")
    assert third.ends == {"deadly": 2, "neighbour": 1}
    with pytest.raises(DeadlyVideoError):
        third.begin("deadly")
    third.begin("neighbour")
    third.end("neighbour")
    assert AtWork(dataset, "run").ends == third.ends
    forget(dataset, "run")
    assert AtWork(dataset, "run").ends == {}


@pytest.mark.usefixtures("killed")
def test_suspects_are_worked_on_alone(three, ground, fake_encoder, fake_detector, deadly):
    """While the encoder looks at one, the boxes of no other are sought."""
    deadly(EndError())
    with pytest.raises(EndError):
        ground(three, RED, config=e3m.E3MConfig(sample_fps=2.5))
    deadly(None)
    encode, seen = fake_encoder.encode_images, []

    def note(images):
        seen.append(len(fake_detector.batches))
        return encode(images)

    fake_encoder.encode_images = note
    fake_detector.batches.clear()
    ground(three, RED, config=e3m.E3MConfig(sample_fps=2.5))
    assert seen[0] == 1


@pytest.mark.usefixtures("others")
def test_a_run_whose_fields_are_deleted_blames_no_video(three, ground, fake_detector):
    detect, due = fake_detector.detect, []

    def spoil(frames):
        if frames[0].shape[0] == SMALL[1] and due:
            delete_elsewhere(three, due.pop())
        return detect(frames)

    fake_detector.detect = spoil
    for _ in range(2):
        due.append("e3m_status")
        assert "e3m_status was deleted during the run" in ground(three, RED).notices[-1]
        three.reload()
    ground(three, RED)
    three.reload()
    assert three.values("e3m_status") == ["ok", "ok", "ok"]


def test_a_process_that_outlives_an_outage_blames_no_video(three, ground, outage, monkeypatch):
    """The database was not there to be told that the run ends."""
    monkeypatch.setattr(AtWork, "leave", lambda self: None)
    with outage():
        for _ in range(3):
            ground(three, RED)
    ground(three, RED)
    assert three.values("e3m_status") == ["ok", "ok", "ok"]


@pytest.mark.usefixtures("others")
def test_a_database_that_is_back_by_the_end_of_the_run_blames_no_video(three, ground, outage):
    with outage():
        for _ in range(3):
            ground(three, RED)
    ground(three, RED)
    assert three.values("e3m_status") == ["ok", "ok", "ok"]


def test_a_run_that_was_taken_over_changes_no_notes_of_its_successor(make):
    dataset = make("good")
    before, after = AtWork(dataset, "run"), AtWork(dataset, "run")
    after.begin("a video")
    before.end("a video")
    before.leave()
    assert store(dataset).get(at_work_key("run"))["now"] == ["a video"]


def test_notes_of_an_earlier_version_count(make):
    dataset = make("good")
    store(dataset).set(at_work_key("run"), {"now": ["a", "b"], "ends": {"a": 1}})
    assert AtWork(dataset, "run").ends == {"a": 2, "b": 1}

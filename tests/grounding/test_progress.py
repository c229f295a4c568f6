"""Pins progress, and that work done before an interruption or a stop is not repeated."""

import subprocess
import sys
from contextlib import closing
from itertools import islice
from types import SimpleNamespace

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m import grounding
from fiftyone_e3m.dataset.claims import Claim, claimed_by
from fiftyone_e3m.dataset.signals import progress_of, request_stop
from fiftyone_e3m.engines.local import LocalEngine
from fiftyone_e3m.grounding import Job
from fiftyone_e3m.request import Request

RED = "a red box"
DELETES = """
import sys
import fiftyone as fo
import fiftyone_e3m as e3m
dataset = fo.load_dataset(sys.argv[1])
(key,) = dataset.list_runs()
e3m.request_stop(dataset, key)
e3m.delete_grounding(dataset)
"""


def test_progress_is_told_after_each_video(make, ground):
    dataset = make("single", "text")
    told = []
    summary = ground(dataset, RED, progress=lambda *told_now: told.append(told_now))
    assert [(done, total) for done, total, _ in told] == [(1, 2), (2, 2)]
    assert [report for *_, report in told] == summary.videos


def test_a_broken_display_does_not_cost_the_run(make, ground):
    def broken(done, total, report):
        raise OSError("the terminal is gone")

    dataset = make("single", "single")
    assert len(ground(dataset, RED, progress=broken).videos) == 2
    assert dataset.values("e3m_status") == ["one_frame"] * 2


def test_a_new_field_costs_nothing_on_the_frames_that_are_there(make, ground):
    def interrupt(done, total, report):
        raise KeyboardInterrupt

    dataset = make("single", "single")
    waiting = dataset.last()
    waiting.frames[1]["candidates"] = fo.Detections()
    waiting.save()
    before = dataset.skip(1).values("frames.last_modified_at")
    with pytest.raises(KeyboardInterrupt):
        ground(dataset, RED, progress=interrupt)
    dataset.reload()
    assert dataset.values("e3m_status") == ["one_frame", None]
    assert dataset.skip(1).values("frames.last_modified_at") == before


def test_an_interrupted_run_keeps_what_is_done_and_goes_on_from_there(make, ground, fake_detector):
    def interrupt(done, total, report):
        if done == 2:
            raise KeyboardInterrupt

    dataset = make("single", "single", "single")
    with pytest.raises(KeyboardInterrupt):
        ground(dataset, RED, progress=interrupt)
    dataset.reload()
    assert dataset.values("e3m_status") == ["one_frame", "one_frame", None]
    summary = ground(dataset, RED)
    assert (summary.skipped, len(summary.videos)) == (2, 1)
    assert len(fake_detector.batches) in {3, 4}, "the third may have been looked at ahead"
    assert "2 were already done by the interrupted run" in str(summary)


def test_a_run_whose_caller_ends_it_is_stopped_not_running(make, fake_encoder, fake_detector):
    dataset = make("single", "single")
    request = Request(RED, encoder=fake_encoder, detector=fake_detector)
    job = Job(dataset, request)
    for _ in job:
        break
    dataset.reload()
    assert dataset.get_run_info(job.summary.run_key).config.state == "stopped"
    assert Job(dataset, request).summary.skipped == 1


def test_a_run_stops_on_request_between_two_videos_and_goes_on_later(make, ground):
    def ask_to_stop(done, total, report):
        (key,) = dataset.list_runs()
        assert progress_of(dataset, key).done == done
        if done == 2:
            request_stop(dataset, key)

    dataset = make("single", "single", "single", "single")
    first = ground(dataset, RED, progress=ask_to_stop)
    assert first.stopped
    assert first.counts == {"one_frame": 2}
    assert "stopped on request" in first.headline
    dataset.reload()
    assert dataset.values("e3m_status") == ["one_frame", "one_frame", None, None]
    assert dataset.get_run_info(first.run_key).config.state == "stopped"
    second = ground(dataset, RED)
    assert not second.stopped
    assert (second.run_key, second.skipped, len(second.videos)) == (first.run_key, 2, 2)
    assert progress_of(dataset, first.run_key).done == 4


@pytest.mark.slow
def test_a_run_whose_grounding_another_process_deletes_writes_nothing_more(make, ground):
    """Values of fields that are no longer in the schema would make the dataset unreadable."""

    def delete(done, total, report):
        subprocess.run([sys.executable, "-c", DELETES, dataset.name], check=True, timeout=120)

    dataset = make("single", "text", "single")
    summary = ground(dataset, RED, progress=delete)
    assert len(summary.videos) == 1
    assert summary.notices[-1] == (
        f"The run '{summary.run_key}' was deleted while it was running, so it ended early."
    )
    dataset.reload()
    assert dataset.list_runs() == []
    assert not any(name.startswith("e3m") for name in dataset.get_field_schema())
    assert [len(sample.frames) for sample in dataset]


def test_a_run_goes_on_though_a_video_of_it_was_deleted(make, ground):
    def stop(done, total, report):
        e3m.request_stop(dataset, dataset.list_runs()[0])

    dataset = make("single", "single", "single")
    first = ground(dataset, RED, progress=stop)
    dataset.delete_samples([dataset.last()])
    second = ground(dataset, RED)
    assert (second.run_key, second.skipped, len(second.videos)) == (first.run_key, 1, 1)


@pytest.fixture
def engine(monkeypatch):
    """An engine that notes, when it is closed, who had claimed the field."""

    class Noting(LocalEngine):
        def close(self):
            holders.append(claimed_by(self.dataset, "e3m"))
            super().close()

    def start(samples, request, n_videos):
        made = Noting(samples, request)
        made.dataset = samples._dataset
        return made

    holders = []
    monkeypatch.setattr(grounding, "start_engine", start)
    return SimpleNamespace(holders=holders)


@pytest.mark.parametrize("n", [1, None], ids=["stopped", "finished"])
def test_the_engine_has_ended_before_another_run_may_claim_the_field(
    make, engine, fake_encoder, fake_detector, n
):
    request = Request(RED, encoder=fake_encoder, detector=fake_detector)
    job = Job(make("good", "late"), request)
    with closing(iter(job)) as reports:
        list(islice(reports, n))
    assert engine.holders[0].purpose == job.summary.run_key


def test_a_run_that_is_refused_ends_its_engine(make, engine, fake_encoder, fake_detector):
    dataset = make("good")
    job = Job(dataset, Request(RED, encoder=fake_encoder, detector=fake_detector))
    with Claim(dataset, "e3m"), pytest.raises(e3m.GroundingError):
        next(iter(job))
    assert engine.holders

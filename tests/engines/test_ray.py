"""Pins the engine "ray" on a real cluster of this machine: results, deaths, stops, refusals."""

import time
from contextlib import closing

import fiftyone as fo
import fiftyone.operators as foo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.active import ActiveRun
from fiftyone_e3m.grounding import Job

STOP = "@e3m/video-grounding/stop_grounding"
RED = "a red box"
TWO = e3m.RayOptions(num_workers=2)


@pytest.fixture
def ground(ray, models):
    """`e3m.ground` with stand-in models, on two workers."""

    def run(dataset, **options):
        defaults = {"encoder": models.Encoder(), "detector": models.Detector(), "engine": "ray"}
        return e3m.ground(
            dataset, RED, **{**defaults, "ray": TWO, "cache": False, "progress": False, **options}
        )

    return run


@pytest.mark.slow
def test_labels_are_those_of_the_local_engine(make, ground, written):
    names = [f"v{n}" for n in range(40)]
    here, there = make(*names), make(*names)
    local = ground(here, engine="local")
    summary = ground(there)
    assert summary.counts == local.counts == {"ok": 40}
    assert written.of(there) == written.of(here)
    assert (summary.encoder, summary.boxes) == (local.encoder, local.boxes)
    assert there.get_run_info(summary.run_key).config.state == "finished"
    assert {v.filepath for v in summary.videos} == set(there.values("filepath"))


@pytest.mark.slow
def test_each_video_has_a_status_whatever_kills_workers(make, ground, models, tmp_path, written):
    names = [f"v{n}" for n in range(37)]
    names[5:5], names[15:15], names[25:25] = ["killed"], ["late"], ["poison"]
    dataset = make(*names)
    done = []
    summary = ground(
        dataset,
        encoder=models.DeadlyEncoder(tmp_path),
        progress=lambda n, total, report: done.append(report.sample_id),
    )
    assert summary.counts == {"ok": 39, "failed": 1}
    assert sorted(done) == sorted(dataset.values("id")), "none is done twice"
    poison = dataset.match(fo.ViewField("filepath").ends_with("poison.mp4")).first()
    assert poison.e3m_status == "failed"
    assert "2 workers died while they grounded this video" in poison.e3m_message
    assert (tmp_path / "poisoned").read_text() == "xx"
    assert {path.name for path in tmp_path.iterdir()} >= {"killed", "late"}, "they did die"
    assert dataset.values("e3m_status").count("ok") == 39


@pytest.mark.slow
def test_a_run_stopped_from_the_app_is_continued_by_the_other_engine(
    make, ground, written, plugins_dir
):
    names = [f"v{n}" for n in range(12)]
    whole = make(*names)
    ground(whole, engine="local")
    for first, second in (("ray", "local"), ("local", "ray")):
        dataset = make(*names)

        def stop(done, total, report, dataset=dataset):
            if done == 2:
                foo.execute_operator(STOP, {"dataset": dataset})

        begun = ground(dataset, engine=first, progress=stop)
        assert begun.stopped
        assert 2 <= len(begun.videos) <= 7, "what workers had is finished"
        ended = ground(dataset, engine=second)
        assert ended.run_key == begun.run_key
        assert ended.skipped == len(begun.videos)
        assert written.of(dataset) == written.of(whole)


@pytest.mark.slow
def test_no_worker_writes_after_a_run_that_its_caller_ended(make, models, ray, monkeypatch):
    dataset, seen = make(*[f"v{n}" for n in range(12)]), []

    def finish(self, summary, finish=ActiveRun.finish):
        seen.append(dataset.values("e3m_status"))
        finish(self, summary)

    monkeypatch.setattr(ActiveRun, "finish", finish)
    request = e3m.Request(
        RED, encoder=models.BusyEncoder(), detector=models.Detector(), engine="ray", ray=TWO
    )
    with closing(iter(Job(dataset, request))) as reports:
        next(reports)
    (at_its_end,) = seen
    assert 12 - at_its_end.count(None) == 2 * TWO.max_in_flight, "what workers had is finished"
    time.sleep(1)
    dataset.reload()
    assert dataset.values("e3m_status") == at_its_end
    written = dataset.match(fo.ViewField("e3m_events.detections").length() > 0)
    assert None not in written.values("e3m_status")


@pytest.mark.slow
def test_what_workers_cannot_reach_is_refused_before_anything_is_written(
    make, ground, models, ray, monkeypatch
):
    dataset = make("a")
    encoder = models.Encoder()
    encoder.lock = __import__("threading").Lock()
    with pytest.raises(e3m.GroundingError, match="The encoder cannot be sent to workers"):
        ground(dataset, encoder=encoder)
    with pytest.raises(e3m.GroundingError, match="too little for a worker of 64 CPUs"):
        ground(dataset, ray=e3m.RayOptions(num_cpus=64))
    with pytest.raises(e3m.EncoderError, match="'nope' is not understood"):
        ground(dataset, encoder="nope")
    assert dataset.list_runs() == []
    assert not dataset.has_sample_field("e3m_status")


def test_a_database_of_this_machine_is_refused_for_workers_of_others():
    from fiftyone_e3m.engines.remote import database_environment

    assert database_environment(1)
    with pytest.raises(e3m.GroundingError, match="cannot be reached by workers on other machines"):
        database_environment(2)


def test_options_out_of_range_are_refused():
    with pytest.raises(e3m.GroundingError, match="max_in_flight is 0, but it must be 1 or more"):
        e3m.RayOptions(max_in_flight=0)
    with pytest.raises(e3m.GroundingError, match="engine is 'spark'"):
        e3m.Request(RED, engine="spark")

"""Pins the run record: how a run can be repeated, and when a run is continued."""

import importlib.metadata
import json

import fiftyone as fo
import fiftyone.core.odm as foo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.records import (
    MAX_PROBLEMS,
    MAX_TEXT,
    add_correction,
    continue_run,
    finish_run,
    start_run,
)
from fiftyone_e3m.dataset.runs import (
    RunEndedError,
    calibration_of,
    grounding_fields,
    interrupted_run,
    run_of_each,
    runs_of,
)
from fiftyone_e3m.request import Request
from fiftyone_e3m.results import GroundingSummary, VideoReport


def settings(field="e3m", **changes):
    config = e3m.E3MConfig(classes=("person",))
    request = {"query": "a man", "field": field, "encoder": "bundled", "config": config}
    return Request(**{**request, **changes}).settings


@pytest.fixture
def dataset():
    dataset = fo.Dataset()
    dataset.add_samples([fo.Sample(filepath=f"/nowhere/{n}.mp4", number=n) for n in range(3)])
    yield dataset
    dataset.delete()


def summary(key, *videos, **values):
    return GroundingSummary(
        run_key=key, field="e3m", encoder="bundled", boxes="x", videos=[*videos], **values
    )


def elsewhere(key, **changes):
    """Changes a record like another process: this process still has the old copy in memory."""
    values = {f"config.{name}": value for name, value in changes.items()}
    foo.get_db_conn().runs.update_one({"key": key}, {"$set": values})


def config_of(dataset, key):
    """The record as another process would read it."""
    dataset.reload()
    return dataset.get_run_info(key).config


def test_a_new_record_holds_the_request_and_the_versions(dataset):
    key = start_run(dataset, settings())
    config = config_of(dataset, key)
    assert (config.state, config.n_videos) == ("running", 3)
    assert config.settings == json.loads(json.dumps(settings()))
    assert config.versions["fiftyone_e3m"] == e3m.__version__
    for package in ("fiftyone", "torch", "open_clip_torch"):
        assert config.versions[package] == importlib.metadata.version(package)


def test_the_configuration_can_be_made_again_from_the_record(dataset):
    key = start_run(dataset, settings())
    read = config_of(dataset, key).settings
    assert e3m.E3MConfig(**read["config"]) == e3m.E3MConfig(classes=("person",))
    assert settings(**{**read, "config": e3m.E3MConfig(**read["config"])}) == settings()


def test_a_finished_record_holds_counts_times_and_problems(dataset):
    key = start_run(dataset, settings())
    good = VideoReport("a", "a.mp4", "ok")
    bad = VideoReport("b", "b.mp4", "failed", "It broke.")
    notice = "Knows no actions."
    finish_run(dataset, summary(key, good, bad, skipped=1, seconds=1.234, notices=[notice]))
    config = config_of(dataset, key)
    assert config.state == "finished"
    assert config.counts == {"ok": 1, "failed": 1}
    assert (config.seconds, config.continued_after) == (1.23, 1)
    assert config.problems == [{"filepath": "b.mp4", "status": "failed", "message": "It broke."}]
    assert config.notices == [notice]
    assert config.settings["query"] == ["a man"]


def test_runs_of_the_same_second_have_records_of_their_own(dataset):
    keys = [start_run(dataset, settings()) for _ in range(4)]
    assert len(set(keys)) == 4
    assert set(dataset.list_runs()) == set(keys)


def test_the_fields_that_runs_wrote_are_known(dataset):
    assert grounding_fields(dataset) == set()
    first = start_run(dataset, settings("e3m"))
    start_run(dataset, settings("second"))
    dataset.register_run("foreign", dataset.init_run(method="something/else"))
    assert grounding_fields(dataset) == {"e3m", "second"}
    assert [key for key, _ in runs_of(dataset, "e3m")] == [first]


def test_a_running_run_that_asked_the_same_is_taken_up(dataset):
    assert interrupted_run(dataset, settings(), dataset.values("id")) is None
    key = start_run(dataset, settings())
    assert interrupted_run(dataset, settings(), dataset.values("id")) == key
    backwards = dataset.values("id")[::-1]
    assert interrupted_run(dataset, settings(), backwards) == key, "order does not matter"


def test_a_stopped_run_is_taken_up(dataset):
    key = start_run(dataset, settings())
    finish_run(dataset, summary(key, left=2))
    assert config_of(dataset, key).state == "stopped"
    assert interrupted_run(dataset, settings(), dataset.values("id")) == key
    continue_run(dataset, key)
    assert config_of(dataset, key).state == "running"


def test_the_samples_of_a_run_can_be_loaded_again(dataset):
    ids = dataset.values("id")
    key = start_run(dataset.select([ids[2], ids[0]], ordered=True), settings())
    dataset.set_values("number", [7, 8, 9])
    assert dataset.load_run_view(key).values("id") == [ids[2], ids[0]]
    assert config_of(dataset, key).n_videos == 2


def test_a_finished_run_is_not_taken_up(dataset):
    finish_run(dataset, summary(start_run(dataset, settings())))
    assert interrupted_run(dataset, settings(), dataset.values("id")) is None


def test_a_run_that_asked_something_else_is_not_taken_up(dataset):
    start_run(dataset, settings())
    for changes in (
        {"query": "a woman"},
        {"query": None, "query_field": "caption"},
        {"boxes_field": "gt"},
        {"detector": "yolo11s.pt"},
        {"encoder": "local-dir:x"},
        {"config": e3m.E3MConfig(classes=("person",), seed=1)},
        {"field": "second"},
    ):
        assert interrupted_run(dataset, settings(**changes), dataset.values("id")) is None, changes


def test_a_run_over_other_videos_is_not_taken_up(dataset):
    start_run(dataset, settings())
    a, b, c = dataset.values("id")
    for ids in ([a, b], [a, b, c, "d"], [a, b, "d"], []):
        assert interrupted_run(dataset, settings(), ids) is None, ids


def test_only_the_latest_run_is_taken_up(dataset):
    start_run(dataset, settings())
    finish_run(dataset, summary(start_run(dataset, settings(query="a woman"))))
    assert interrupted_run(dataset, settings(), dataset.values("id")) is None
    start_run(dataset, settings("second"))
    assert interrupted_run(dataset, settings("second"), dataset.values("id"))


def test_a_run_is_taken_up_though_videos_were_deleted_since(dataset):
    key = start_run(dataset.select(dataset.values("id")), settings())
    dataset.delete_samples([dataset.first()])
    assert interrupted_run(dataset, settings(), dataset.values("id")) == key
    assert interrupted_run(dataset, settings(), dataset.limit(1).values("id")) is None


def test_problems_from_before_a_run_was_continued_stay(dataset):
    key = start_run(dataset, settings())
    finish_run(dataset, summary(key, VideoReport("a", "a.mp4", "failed", "It broke."), left=2))
    continue_run(dataset, key)
    finish_run(dataset, summary(key, VideoReport("b", "b.mp4", "unreadable", "No."), skipped=1))
    problems = config_of(dataset, key).problems
    assert [problem["filepath"] for problem in problems] == ["a.mp4", "b.mp4"]


def test_many_problems_with_long_paths_fit_into_a_record(dataset):
    """Before, the record of a run with 2,200 of them stayed "running": DocumentTooLarge."""
    key = start_run(dataset, settings())
    path, half, text = "/x" * 2000, MAX_PROBLEMS // 2 + 1, "No. " * 1000
    for part in range(2):
        videos = [VideoReport("a", f"{part}{n}{path}", "failed", text) for n in range(half)]
        finish_run(dataset, summary(key, *videos, left=1 - part))
    config = config_of(dataset, key)
    assert (config.state, config.n_problems) == ("finished", 2 * half)
    assert len(config.problems) == MAX_PROBLEMS
    assert {len(value) for value in config.problems[0].values()} == {MAX_TEXT, len("failed")}


def test_a_record_of_a_newer_version_is_read(dataset):
    key = start_run(dataset, {**settings(), "masks": "sam"})
    elsewhere(key, parent="another run")
    dataset.reload()
    assert interrupted_run(dataset, settings(), dataset.values("id")) == key
    assert Request.from_settings(config_of(dataset, key).settings).settings == settings()


def test_what_another_process_wrote_to_a_record_stays(dataset):
    key = start_run(dataset, settings())
    elsewhere(key, corrections=[{"query": "a man"}])
    finish_run(dataset, summary(key))
    assert config_of(dataset, key).corrections == [{"query": "a man"}]
    elsewhere(key, state="stopped")
    add_correction(dataset, "e3m", {"query": "a woman"})
    config = config_of(dataset, key)
    assert config.corrections == [{"query": "a man"}, {"query": "a woman"}]
    assert config.state == "stopped"


def test_a_record_that_was_deleted_cannot_be_finished_or_continued(dataset):
    key = start_run(dataset, settings())
    dataset.delete_run(key)
    with pytest.raises(RunEndedError, match=f"'{key}' was deleted"):
        finish_run(dataset, summary(key))
    with pytest.raises(RunEndedError, match=f"'{key}' was deleted"):
        continue_run(dataset, key)


def test_a_run_of_a_version_with_fewer_parameters_is_taken_up_again(dataset):
    """An older version did not do what it had no parameter for, as in the paper."""
    asked = settings(config=e3m.E3MConfig.preset("paper", classes=("person",)))
    old = {k: v for k, v in asked["config"].items() if k not in ("skip_change", "extend_tracks")}
    key = start_run(dataset, {**asked, "config": old})
    assert interrupted_run(dataset, asked, dataset.values("id")) == key
    assert interrupted_run(dataset, settings(), dataset.values("id")) is None


def test_a_run_of_a_version_with_more_parameters_is_taken_up_again(dataset):
    asked = settings()
    old = {**asked["config"], "class_gate": False, "gap": "rts"}
    key = start_run(dataset, {**asked, "config": old})
    assert interrupted_run(dataset, asked, dataset.values("id")) == key


def test_a_run_with_a_choice_that_is_gone_is_another_run(dataset):
    asked = settings()
    key = start_run(dataset, {**asked, "config": {**asked["config"], "link": "track"}})
    assert dataset.has_run(key)
    assert interrupted_run(dataset, asked, dataset.values("id")) is None


def test_a_record_tells_the_calibration_and_a_continued_run_hands_it_on(dataset):
    used = {"version": 1, "origin": "none", "scale": 1.0, "shift": 0.0, "fingerprint": None}
    key = start_run(dataset, settings(), used)
    assert calibration_of(config_of(dataset, key)) == used
    assert continue_run(dataset, key) == used
    other = start_run(dataset, settings())
    assert continue_run(dataset, other) is None
    elsewhere(other, calibration=used)
    assert continue_run(dataset, other) == used, "also what another process has written"
    old = fo.RunConfig(state="running", settings=settings(), started="2020-01-01")
    assert calibration_of(old) is None


def test_the_latest_run_of_each_sample_is_found(dataset):
    ids = dataset.values("id")
    first = start_run(dataset.select(ids[:2]), settings())
    assert {i: key for i, (key, _) in run_of_each(dataset, "e3m", ids).items()} == {
        ids[0]: first,
        ids[1]: first,
    }
    second = start_run(dataset.select(ids[1]), settings())
    start_run(dataset, settings("other"))
    found = run_of_each(dataset, "e3m", ids[:2])
    assert {i: key for i, (key, _) in found.items()} == {ids[0]: first, ids[1]: second}
    assert found[ids[0]][1].settings["field"] == "e3m"

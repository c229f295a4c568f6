"""Pins that a run owns its fields from before they exist, and says what was taken from it."""

import fiftyone as fo
import fiftyone.core.odm as foo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.claims import claimed_by
from fiftyone_e3m.dataset.declaring import add_fields
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.grounding import Job
from fiftyone_e3m.request import GroundingError, Request

from .elsewhere import delete_elsewhere

RED, BLUE = "a red box", "a blue box"


@pytest.mark.parametrize("when", ["declare", "clear"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_run_interrupted_in_its_first_moments_goes_on(make, ground, monkeypatch, when, overwrite):
    """Before, its fields were there without a record: the same call was refused for ever."""

    def interrupt(fields, *args, **kwargs):
        raise KeyboardInterrupt

    dataset = make("single", "single")
    if overwrite:
        ground(dataset, BLUE)
    with monkeypatch.context() as context:
        context.setattr(Fields, when, interrupt)
        with pytest.raises(KeyboardInterrupt):
            ground(dataset, RED, overwrite=overwrite)
    dataset.reload()
    assert claimed_by(dataset, "e3m") is None
    summary = ground(dataset, RED, overwrite=overwrite)
    dataset.reload()
    assert (summary.skipped, len(summary.videos)) == (0, 2)
    assert dataset.values("e3m_events.detections.label") == [[RED]] * 2
    assert len(dataset.list_runs()) == 1 + overwrite


def test_what_a_run_left_that_was_interrupted_in_its_first_moments_is_deleted(
    make, ground, monkeypatch
):
    def interrupt(fields, dataset, several_queries):
        add_fields(dataset, {fields.status: fields.types[fields.status]})
        raise KeyboardInterrupt

    dataset = make("single")
    with monkeypatch.context() as context:
        context.setattr(Fields, "declare", interrupt)
        with pytest.raises(KeyboardInterrupt):
            ground(dataset, RED)
    assert e3m.delete_grounding(dataset).fields == ("e3m_status",)
    assert dataset.list_runs() == []


def test_a_second_run_into_the_field_is_refused_while_the_first_is_active(
    make, fake_encoder, fake_detector, ground
):
    dataset = make("single", "single")
    waiting = Job(dataset, Request(RED, encoder=fake_encoder, detector=fake_detector))
    running = iter(Job(dataset, Request(RED, encoder=fake_encoder, detector=fake_detector)))
    next(running)
    (key,) = dataset.list_runs()
    for query in (RED, BLUE):
        with pytest.raises(GroundingError, match=f"The run '{key}' is writing into 'e3m': process"):
            ground(dataset, query, overwrite=True)
    with pytest.raises(GroundingError, match=f"The run '{key}' is writing"):
        next(iter(waiting))
    assert ground(dataset, BLUE, field="other").counts == {"one_frame": 2}
    assert [report.status for report in running] == ["one_frame"]
    dataset.reload()
    assert dataset.values("e3m_status") == ["one_frame"] * 2
    assert dataset.values("other_status") == ["one_frame"] * 2


def test_the_same_request_twice_is_done_once(make, fake_encoder, fake_detector):
    """The second had loaded its models before the first was done."""
    dataset = make("single", "single")
    first, second = (
        Job(dataset, Request(RED, encoder=fake_encoder, detector=fake_detector)) for _ in range(2)
    )
    assert len(list(first)) == 2
    with pytest.raises(GroundingError, match="already holds a grounding on 2 of these 2"):
        list(second)
    assert len(dataset.list_runs()) == 1


def test_a_read_only_field_is_noticed_before_anything_is_emptied(make, ground, content):
    dataset = make("good")
    ground(dataset, RED)
    dataset.reload()
    field = dataset.get_field("e3m_status")
    field.read_only = True
    field.save()
    before = content(dataset.first())
    with pytest.raises(GroundingError, match="'e3m_status' as read-only"):
        ground(dataset, BLUE, overwrite=True)
    dataset.reload()
    assert content(dataset.first()) == before


def test_read_only_metadata_is_left_alone(make, ground):
    dataset = make("single")
    field = dataset.get_field("metadata")
    field.read_only = True
    field.save()
    assert ground(dataset, RED).counts == {"one_frame": 1}


def test_a_sample_deleted_during_the_run_is_said_and_the_others_go_on(make, ground):
    def delete(done, total, report):
        if done == 1:
            dataset.delete_samples([dataset.values("id")[1]])

    dataset = make("good", "good", "good")
    summary = ground(dataset, RED, progress=delete)
    assert summary.counts == {"ok": 2, "failed": 1}
    assert summary.videos[1].message == "The sample was deleted from the dataset during the run."
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", "ok"]
    frames = foo.get_db_conn()[dataset._doc.frame_collection_name].distinct("_sample_id")
    assert {str(key) for key in frames} <= set(dataset.values("id"))


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("field", ["e3m_status", "frames.e3m"])
def test_a_run_whose_field_is_deleted_ends_and_writes_nothing_into_it(
    make, ground, field, elsewhere
):
    def delete(done, total, report):
        if elsewhere:
            delete_elsewhere(dataset, field)
        elif field.startswith("frames."):
            dataset.delete_frame_field(field.removeprefix("frames."))
        else:
            dataset.delete_sample_field(field)

    dataset = make("good", "good")
    summary = ground(dataset, RED, progress=delete)
    assert len(summary.videos) == 1
    (key,) = dataset.list_runs()
    assert summary.notices[-1] == (
        f"{field} was deleted during the run '{key}', so it ended early."
    )
    dataset.reload()
    assert not dataset.has_field(field)
    assert len(dataset.first().frames), "the dataset can be read"
    assert ground(dataset, RED).run_key == key, "the same request goes on"
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", "ok"]


def test_a_run_whose_record_another_process_deletes_ends_and_writes_nothing_more(make, ground):
    def delete(done, total, report):
        (key,) = dataset.list_runs()
        known = {"_id": dataset._doc.id}
        foo.get_db_conn().datasets.update_one(known, {"$unset": {f"runs.{key}": ""}})

    dataset = make("good", "good")
    summary = ground(dataset, RED, progress=delete)
    assert len(summary.videos) == 1
    assert "was deleted" in summary.notices[-1]
    dataset.reload()
    assert dataset.list_runs() == []
    assert dataset.values("e3m_status") == ["ok", None]


def test_a_run_whose_dataset_is_deleted_ends_with_a_sentence(make, ground, videos):
    def delete(done, total, report):
        dataset.delete()

    dataset = fo.Dataset()
    dataset.add_samples([fo.Sample(filepath=str(videos["good"])) for _ in range(2)], progress=False)
    name, document = dataset.name, dataset._doc
    summary = ground(dataset, RED, progress=delete)
    assert len(summary.videos) == 1
    assert (
        summary.notices[-1]
        == f"The dataset '{name}' was deleted during the run, so it ended early."
    )
    left = foo.get_db_conn().list_collection_names()
    assert document.frame_collection_name not in left
    assert document.sample_collection_name not in left


def test_a_write_that_fails_leaves_no_half_of_a_result(make, ground, monkeypatch):
    def fail(*args):
        raise OSError("the disk is full")

    dataset = make("good", "good")
    monkeypatch.setattr("fiftyone_e3m.dataset.writing.event_labels", fail)
    summary = ground(dataset, RED)
    assert summary.counts == {"failed": 2}
    dataset.reload()
    assert dataset.count("frames.e3m.detections") == 0
    assert dataset.count("frames.e3m_relevance") == 0
    assert dataset.values("e3m_status") == ["failed"] * 2


def test_a_record_of_a_newer_version_stops_nobody(make, ground):
    def stop(done, total, report):
        (key,) = dataset.list_runs()
        e3m.request_stop(dataset, key)

    dataset = make("single", "single")
    key = ground(dataset, RED, progress=stop).run_key
    runs = foo.get_db_conn().runs
    runs.update_one({"key": key}, {"$set": {"config.settings.masks": "sam", "config.parent": 1}})
    dataset.reload()
    assert Request.from_settings(dataset.get_run_info(key).config.settings).queries == [RED]
    assert ground(dataset, RED).run_key == key
    assert e3m.delete_grounding(dataset).runs == (key,)


def test_results_without_their_record_are_known_by_their_fields(make, ground, label):
    dataset = make("good")
    ground(dataset, RED)
    dataset.reload()
    label(dataset, "gt", colours=["red"])
    merged = fo.Dataset()
    merged.merge_samples(dataset)
    copied = fo.Dataset()
    copied.add_samples(list(dataset), progress=False)
    cloned = dataset.view().clone()
    for copy in (merged, copied, cloned):
        assert copy.list_runs() == []
        with pytest.raises(GroundingError, match="already holds a grounding on 1 of these 1"):
            ground(copy, RED)
        assert len(e3m.accept_tubes(copy).accepted) == 1
        assert e3m.delete_grounding(copy).whole
        copy.delete()
    dataset.delete_run(dataset.list_runs()[0])
    assert e3m.delete_grounding(dataset).n_videos == 1

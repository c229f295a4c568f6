"""Pins that deleting a grounding removes all of it, and nothing else."""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.annotation import offer
from fiftyone_e3m.dataset.claims import Claim, claimed_by
from fiftyone_e3m.dataset.runs import grounding_fields
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.signals import note_progress, progress_of, request_stop, stop_requested
from fiftyone_e3m.review.deleting import preview_deletion

MAN = "a man"


@pytest.fixture
def grounded(dataset, new_grounding, ground_video):
    """Two grounded videos, a caption and ground truth."""
    new_grounding(dataset)
    for name in "ab":
        sample = ground_video(dataset, f"/{name}.mp4", {MAN: (5, 6)})
        sample["caption"] = "a man walks"
        sample.frames[5]["gt"] = fo.Detections(detections=[fo.Detection(label=MAN)])
        sample.save()
    return dataset


def names(dataset):
    return {*dataset.get_field_schema(), *dataset.get_frame_field_schema()}


def test_a_dataset_loses_all_fields_and_run_records(grounded, new_grounding):
    new_grounding(grounded)
    e3m.correct_event(grounded.first(), MAN, last=8)
    offer(grounded, {"frames.e3m": [MAN], "e3m_events": [MAN]})
    grounded.register_run("foreign", grounded.init_run(method="something/else"))
    before = names(grounded)
    report = e3m.delete_grounding(grounded)
    fields = Fields("e3m")
    assert before - names(grounded) == {*fields.of_samples, *fields.of_frames}
    assert set(report.fields) == set(fields.types)
    assert (report.whole, report.n_videos, len(report.runs)) == (True, 2, 2)
    assert grounded.list_runs() == ["foreign"]
    assert grounding_fields(grounded) == set()
    assert grounded.label_schemas == {}, "the Annotate tab no longer offers it"
    assert grounded.values("caption") == ["a man walks"] * 2
    assert grounded.count("frames.gt.detections") == 2
    assert str(report).startswith("Deleted: e3m_events, e3m_confidence, ")
    assert str(report).endswith(" of 2 videos, and 2 run records.")


def test_nothing_is_kept_of_the_deleted_runs_and_all_of_the_others(grounded, new_grounding):
    (gone,) = grounded.list_runs()
    kept = new_grounding(grounded, "second")
    for key in (gone, kept):
        note_progress(grounded, key, 1, 2)
        request_stop(grounded, key)
    e3m.delete_grounding(grounded.limit(1))
    assert progress_of(grounded, gone) is not None, "the record is still there"
    e3m.delete_grounding(grounded)
    assert progress_of(grounded, gone) is None
    assert not stop_requested(grounded, gone)
    assert progress_of(grounded, kept) is not None
    assert stop_requested(grounded, kept)


def test_what_was_deleted_can_be_grounded_again(grounded, new_grounding, ground_video):
    e3m.delete_grounding(grounded)
    new_grounding(grounded)
    ground_video(grounded, "/c.mp4", {MAN: (5, 6)})
    assert grounded.values("e3m_status") == [None, None, "ok"]


def test_a_view_is_emptied_and_the_rest_stays(grounded, content):
    rest = {path: content(grounded[1:], path) for path in Fields("e3m").present(grounded)}
    before = names(grounded)
    report = e3m.delete_grounding(grounded.limit(1))
    assert (report.whole, report.n_videos, report.runs) == (False, 1, ())
    for path, value in rest.items():
        assert content(grounded[1:], path) == value
        assert grounded.limit(1).count(path) == 0
    assert names(grounded) == before
    assert len(grounded.list_runs()) == 1
    assert str(report).endswith("on 1 videos; other videos keep theirs.")


def test_the_last_videos_of_a_grounding_take_the_fields_with_them(grounded):
    grounded.add_sample(fo.Sample(filepath="/never.mp4"))
    e3m.delete_grounding(grounded.limit(1))
    report = e3m.delete_grounding(grounded.match(F("e3m_status") == "ok"))
    assert report.whole
    assert not {*Fields("e3m").types} & names(grounded)
    assert grounded.list_runs() == []
    assert len(grounded) == 3


def test_a_view_that_leaves_fields_out_deletes_them_all_the_same(grounded):
    e3m.delete_grounding(grounded.select_fields("caption"))
    assert not any(name.startswith("e3m") for name in names(grounded))


def test_other_groundings_stay_even_if_their_name_is_that_of_a_field(grounded, new_grounding):
    new_grounding(grounded, "second")
    new_grounding(grounded, "e3m_original")
    report = e3m.delete_grounding(grounded)
    assert grounding_fields(grounded) == {"second", "e3m_original"}
    assert {"second_events", "frames.second"} <= set(Fields("second").present(grounded))
    assert grounded.has_frame_field("e3m_original")
    assert "frames.e3m_original" not in report.fields


def test_a_field_of_another_type_is_spared(grounded):
    grounded.delete_sample_field("e3m_message")
    grounded.add_sample_field("e3m_message", fo.IntField)
    grounded.set_values("e3m_message", [1, 2])
    report = e3m.delete_grounding(grounded)
    assert grounded.values("e3m_message") == [1, 2]
    assert report.spared == ("e3m_message",)
    assert "Kept, because no grounding run wrote it: e3m_message." in str(report)


def test_saved_views_of_the_fields_are_named(grounded):
    grounded.save_view("sure", grounded.match(F("e3m_confidence") > 0.3))
    grounded.save_view("men", grounded.filter_labels("frames.e3m", F("label") == MAN))
    grounded.save_view("captions", grounded.exists("caption"))
    assert "Saved views that use the fields: sure, men." in str(e3m.delete_grounding(grounded))


def test_a_preview_deletes_nothing(grounded):
    before = names(grounded)
    preview = preview_deletion(grounded)
    assert names(grounded) == before
    assert e3m.delete_grounding(grounded) == preview


def test_what_no_grounding_wrote_is_refused(grounded):
    before = names(grounded)
    with pytest.raises(e3m.GroundingError, match=r"no grounding in 'gt'\. Groundings: e3m"):
        e3m.delete_grounding(grounded, "gt")
    with pytest.raises(e3m.GroundingError, match="clips, frames or patches"):
        e3m.delete_grounding(grounded.to_clips("e3m_events"))
    assert names(grounded) == before


def test_what_a_run_is_writing_to_is_not_deleted_before_it_was_asked_to_stop(grounded):
    (key,) = grounded.list_runs()
    before = names(grounded)
    with Claim(grounded, "e3m") as claim:
        claim.name(key)
        for samples in (grounded, grounded.limit(1)):
            for look_or_do in (preview_deletion, e3m.delete_grounding):
                with pytest.raises(e3m.GroundingError, match=f"The run '{key}' is writing into"):
                    look_or_do(samples)
        assert names(grounded) == before
        e3m.request_stop(grounded, key)
        assert e3m.delete_grounding(grounded).runs == (key,)
        assert not claim.begin(), "the run notices before it writes again"


def test_what_a_killed_run_has_left_is_deleted_at_once(grounded):
    (key,) = grounded.list_runs()
    note_progress(grounded, key, 1, 2)
    assert grounded.get_run_info(key).config.state == "running"
    assert e3m.delete_grounding(grounded).runs == (key,)
    assert claimed_by(grounded, "e3m") is None


def test_a_copy_that_has_no_run_record_is_deleted_like_the_original(grounded):
    copy = grounded.view().clone()
    assert copy.list_runs() == []
    assert e3m.delete_grounding(copy).whole
    assert not any(name.startswith("e3m") for name in names(copy))
    copy.delete()

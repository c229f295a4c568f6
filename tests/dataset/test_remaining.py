"""Pins what is left to ground: no user data is overwritten without a request."""

import fiftyone as fo
import pytest

from fiftyone_e3m.dataset.records import finish_run, note_prepared, start_run
from fiftyone_e3m.dataset.remaining import unfinished
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.request import GroundingError, Request
from fiftyone_e3m.results import GroundingSummary


@pytest.fixture
def dataset():
    """Three videos."""
    dataset = fo.Dataset()
    dataset.add_samples([fo.Sample(filepath=f"{n}.mp4", caption=n) for n in "abc"], progress=False)
    yield dataset
    dataset.delete()


def asked(overwrite=False, field="e3m", query="a man"):
    return Request(query, field=field, boxes_field="gt", encoder="bundled", overwrite=overwrite)


def grounded(dataset, statuses, field="e3m", finished=True, query="a man"):
    """The output of a run; None is a video that it did not reach."""
    fields = Fields(field)
    fields.declare(dataset, several_queries=False)
    key = start_run(dataset, asked(False, field, query).settings)
    note_prepared(dataset, key)
    dataset.set_values(fields.status, statuses)
    events = [fo.TemporalDetections() if status == "ok" else None for status in statuses]
    dataset.set_values(fields.events, events)
    if finished:
        finish_run(dataset, GroundingSummary(key, field, "bundled", "x"))


def left(samples, request):
    return unfinished(samples._dataset, request, samples.values("id"))


@pytest.mark.parametrize("overwrite", [False, True])
def test_in_a_fresh_field_all_videos_are_left_in_their_order(dataset, overwrite):
    view = dataset.sort_by("filepath", reverse=True)
    assert left(view, asked(overwrite)) == view.values("id")
    assert left(dataset.skip(2), asked(overwrite)) == [dataset.last().id]


@pytest.mark.parametrize(
    ("add", "name"),
    [
        (lambda d: d.add_frame_field("e3m", fo.EmbeddedDocumentField, fo.Detections), "frames.e3m"),
        (lambda d: d.add_frame_field("e3m_relevance", fo.FloatField), "frames.e3m_relevance"),
        (lambda d: d.add_sample_field("e3m_status", fo.StringField), "e3m_status"),
        (lambda d: d.add_sample_field("e3m_confidence", fo.FloatField), "e3m_confidence"),
    ],
    ids=["tube", "relevance", "status", "confidence"],
)
def test_a_field_of_the_user_is_protected_until_overwriting_is_asked_for(dataset, add, name):
    add(dataset)
    with pytest.raises(GroundingError, match=f"already has '{name}', which no grounding run wrote"):
        left(dataset, asked(False))
    assert len(left(dataset, asked(True))) == 3


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_field_of_another_type_is_never_replaced(dataset, overwrite):
    dataset.add_sample_field("e3m_status", fo.IntField)
    with pytest.raises(GroundingError, match="'e3m_status', which cannot hold a grounding"):
        left(dataset, asked(overwrite))


def test_results_are_protected_until_overwriting_is_asked_for(dataset):
    grounded(dataset, ["ok", "ok", "unreadable"])
    with pytest.raises(GroundingError, match="'e3m' already holds a grounding on 2 of these 3"):
        left(dataset, asked(False))
    assert len(left(dataset, asked(True))) == 3
    assert len(left(dataset, asked(False, "other"))) == 3


def test_results_are_protected_in_a_view_that_leaves_them_out(dataset):
    grounded(dataset, ["ok", "ok", "ok"])
    with pytest.raises(GroundingError, match="on 3 of these 3"):
        left(dataset.select_fields("caption"), asked(False))


def test_videos_without_results_need_no_overwriting(dataset):
    """As suggested by the error message."""
    grounded(dataset, ["ok", "failed", None])
    view = dataset.exists("e3m_events", False)
    assert left(view, asked(False)) == dataset.values("id")[1:]


@pytest.mark.parametrize("overwrite", [False, True])
def test_of_an_interrupted_run_the_rest_is_left(dataset, overwrite):
    grounded(dataset, ["ok", "unreadable", None], finished=False)
    assert left(dataset, asked(overwrite)) == [dataset.last().id]


def test_an_interrupted_run_that_asked_something_else_counts_as_results(dataset):
    grounded(dataset, ["ok", None, None], finished=False)
    with pytest.raises(GroundingError, match="on 1 of these 3"):
        left(dataset, asked(False, query="a dog"))
    assert len(left(dataset, asked(True, query="a dog"))) == 3


def test_overwriting_all_does_not_spare_what_an_interrupted_run_over_a_part_left_out(dataset):
    """The third video still has the answer to another sentence."""
    grounded(dataset, ["ok", "ok", "ok"], query="a dog")
    start_run(dataset.limit(2), asked().settings)
    dataset.set_values("e3m_status", ["ok", None, "ok"])
    assert len(left(dataset, asked(True))) == 3


def test_of_a_run_that_was_killed_before_it_emptied_its_fields_all_is_left(dataset):
    """The statuses are those of the run before, which was to be overwritten."""
    grounded(dataset, ["ok", "ok", "ok"], query="a dog")
    start_run(dataset, asked().settings)
    assert len(left(dataset, asked(True))) == 3


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "path", ["e3m_status", "e3m_events", "e3m_events.detections.label", "frames.e3m"]
)
def test_a_read_only_field_is_named_before_anything_is_emptied(dataset, path, overwrite):
    grounded(dataset, ["ok", "ok", None], finished=False)
    field = dataset.get_field(path)
    field.read_only = True
    field.save()
    with pytest.raises(GroundingError, match=rf"has '{path}'.* as read-only\. .*field\.save"):
        left(dataset, asked(overwrite))
    assert dataset.values("e3m_status") == ["ok", "ok", None]

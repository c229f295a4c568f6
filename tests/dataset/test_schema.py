"""Pins the names and types of the fields: scripts outside the repository read them."""

import fiftyone as fo
import pytest
from fiftyone.core.odm.dataset import DatasetDocument

from fiftyone_e3m.dataset.schema import Fields

FIELDS = Fields("e3m")
CONTRACT = {
    "frames.e3m": fo.Detections,
    "frames.e3m.detections.source": fo.StringField,
    "frames.e3m.detections.keyframe": fo.BooleanField,
    "frames.e3m.detections.sentence": fo.StringField,
    "frames.e3m.detections.class_name": fo.StringField,
    "frames.e3m.detections.track": fo.StringField,
    "frames.e3m_relevance": fo.FloatField,
    "frames.e3m_queries": fo.Classifications,
    "e3m_events": fo.TemporalDetections,
    "e3m_events.detections.index": fo.IntField,
    "e3m_events.detections.original_support": [fo.IntField],
    "e3m_events.detections.atomic_starts": [fo.IntField],
    "e3m_events.detections.prototype_frames": [fo.IntField],
    "e3m_events.detections.prototype_weights": [fo.FloatField],
    "e3m_confidence": fo.FloatField,
    "e3m_status": fo.StringField,
    "e3m_message": fo.StringField,
}


@pytest.fixture
def dataset():
    dataset = fo.Dataset()
    dataset.media_type = "video"
    yield dataset
    dataset.delete()


def kind(field):
    if isinstance(field, fo.ListField):
        return [type(field.field)]
    return getattr(field, "document_type", type(field))


def test_the_declared_fields_are_those_of_the_contract(dataset):
    before = {*dataset.get_field_schema(), *dataset.get_frame_field_schema()}
    FIELDS.declare(dataset, several_queries=True)
    assert {name: kind(dataset.get_field(name)) for name in CONTRACT} == CONTRACT
    after = {*dataset.get_field_schema(), *dataset.get_frame_field_schema()}
    roots = {name.removeprefix("frames.").partition(".")[0] for name in CONTRACT}
    assert after - before == roots


def test_the_field_of_queries_is_declared_for_several_queries_only(dataset):
    FIELDS.declare(dataset, several_queries=False)
    assert not dataset.has_frame_field("e3m_queries")
    assert dataset.has_frame_field("e3m")


def test_declaring_twice_changes_nothing(dataset):
    FIELDS.declare(dataset, several_queries=False)
    schema = dataset.get_field_schema(flat=True), dataset.get_frame_field_schema(flat=True)
    FIELDS.declare(dataset, several_queries=False)
    again = dataset.get_field_schema(flat=True), dataset.get_frame_field_schema(flat=True)
    assert [list(s) for s in again] == [list(s) for s in schema]


def test_declaring_writes_the_schema_once_per_level(dataset, monkeypatch):
    """FiftyOne writes all of it each time: two levels for frames and two for samples."""
    saves, save = [], DatasetDocument.save
    monkeypatch.setattr(DatasetDocument, "save", lambda *a, **k: saves.append(a) or save(*a, **k))
    FIELDS.declare(dataset, several_queries=True)
    assert len(saves) == 4


def test_a_field_of_another_type_is_refused_before_fields_of_samples_are_added(dataset):
    dataset.add_frame_field("e3m_relevance", fo.StringField)
    with pytest.raises(ValueError, match="e3m_relevance"):
        FIELDS.declare(dataset, several_queries=True)
    assert FIELDS.present(dataset) == ["frames.e3m_relevance"]


def test_another_name_declares_other_fields(dataset):
    Fields("second").declare(dataset, several_queries=False)
    assert dataset.has_frame_field("second_relevance")
    assert FIELDS.present(dataset) == []


def test_present_finds_a_part_of_the_fields(dataset):
    dataset.add_sample_field("e3m_status", fo.StringField)
    dataset.add_frame_field("e3m_relevance", fo.FloatField)
    assert FIELDS.present(dataset) == ["e3m_status", "frames.e3m_relevance"]


def test_fields_that_hold_something_else_are_told_apart(dataset):
    FIELDS.declare(dataset, several_queries=True)
    assert FIELDS.mistyped(dataset) == []
    dataset.add_sample_field("mine_status", fo.IntField)
    dataset.add_frame_field("mine", fo.EmbeddedDocumentField, embedded_doc_type=fo.Polylines)
    assert Fields("mine").mistyped(dataset) == ["mine_status", "frames.mine"]


def test_clearing_a_view_leaves_the_other_samples_alone(dataset):
    for name in "ab":
        sample = fo.Sample(filepath=f"{name}.mp4", media_type="video", caption=name)
        sample["e3m_status"] = "ok"
        sample.frames[1] = fo.Frame(e3m_relevance=0.5, mine=1)
        dataset.add_sample(sample)
    FIELDS.clear(dataset.limit(1), FIELDS.present(dataset))
    assert dataset.values("e3m_status") == [None, "ok"]
    assert dataset.values("frames.e3m_relevance") == [[None], [0.5]]
    assert dataset.values("caption") == ["a", "b"]
    assert dataset.values("frames.mine") == [[1], [1]]

"""Pins what FiftyOne's Annotate tab offers of a grounding, and that a user's choices there stay."""

import fiftyone as fo
import pytest

from fiftyone_e3m.dataset.annotation import NOTE, offer, withdraw
from fiftyone_e3m.dataset.mending import mend
from fiftyone_e3m.dataset.schema import Fields

TUBE, EVENTS = "frames.e3m", "e3m_events"
FIELDS = Fields("e3m")


def both(labels):
    return {TUBE: labels, EVENTS: labels}


@pytest.fixture
def dataset():
    dataset = fo.Dataset()
    dataset.media_type = "video"
    FIELDS.declare(dataset, several_queries=False)
    yield dataset
    dataset.delete()


def test_tube_and_events_are_offered_with_their_sentences(dataset):
    assert offer(dataset, both(["a man", "a dog"])) == [TUBE, EVENTS]
    assert dataset.active_label_schemas == [TUBE, EVENTS]
    for path, kind in ((TUBE, "detections"), (EVENTS, "temporaldetections")):
        schema = dataset.label_schemas[path]
        assert (schema["type"], schema["classes"]) == (kind, ["a man", "a dog"])
        assert all(attribute["read_only"] for attribute in schema["attributes"])


def test_other_fields_are_not_offered(dataset):
    dataset.add_frame_field("other", fo.FloatField)
    offer(dataset, both(["a man"]))
    assert set(dataset.label_schemas) == {TUBE, EVENTS}


def test_further_sentences_are_added(dataset):
    offer(dataset, both(["a man"]))
    assert offer(dataset, both(["a dog", "a man"])) == []
    assert dataset.label_schemas[TUBE]["classes"] == ["a man", "a dog"]


@pytest.mark.parametrize(("n", "component"), [(5, "radio"), (6, "dropdown"), (1001, "text")])
def test_the_sentences_are_chosen_from_what_suits_their_number(dataset, n, component):
    offer(dataset, both([f"sentence {i}" for i in range(n)]))
    schema = dataset.label_schemas[TUBE]
    assert schema["component"] == component
    assert len(schema.get("classes", [])) == (n if n <= 1000 else 0)


def test_what_a_user_has_set_stays(dataset):
    own = {"type": "detections", "component": "dropdown", "classes": ["mine"], "default": "mine"}
    dataset.update_label_schema(TUBE, own)
    assert offer(dataset, both(["a man"])) == [EVENTS]
    assert dataset.label_schemas[TUBE] == own
    assert dataset.active_label_schemas == [EVENTS]


@pytest.mark.parametrize(
    "change",
    [
        {"component": "dropdown"},
        {"attributes": []},
        {"classes": ["a man"]},
        {"component": "dropdown", "classes": ["a", "b"], "attributes": []},
    ],
    ids=str,
)
def test_what_a_user_has_changed_stays(dataset, change):
    offer(dataset, both(["a man", "a dog"]))
    changed = dataset.label_schemas[TUBE] | change
    dataset.update_label_schema(TUBE, changed)
    assert offer(dataset, both(["a cat"])) == []
    assert dataset.label_schemas[TUBE] == changed
    assert dataset.label_schemas[EVENTS]["classes"] == ["a man", "a dog", "a cat"]


def test_schemas_of_earlier_versions_which_noted_none_are_told_by_their_form(dataset):
    offer(dataset, both(["a man"]))
    dataset.update_label_schema(EVENTS, dataset.label_schemas[EVENTS] | {"component": "dropdown"})
    del dataset.app_config.plugins[NOTE]
    dataset.save()
    offer(dataset, both(["a dog"]))
    assert dataset.label_schemas[TUBE]["classes"] == ["a man", "a dog"]
    assert dataset.label_schemas[EVENTS]["classes"] == ["a man"]


def test_what_a_user_has_hidden_stays_hidden(dataset):
    offer(dataset, both(["a man"]))
    dataset.deactivate_label_schemas(EVENTS)
    offer(dataset, both(["a dog"]))
    assert dataset.active_label_schemas == [TUBE]


def test_fields_can_be_deleted_once_they_are_withdrawn(dataset):
    offer(dataset, both(["a man"]))
    withdraw(dataset, [TUBE, EVENTS, "frames.unknown"])
    dataset.delete_frame_field("e3m")
    dataset.delete_sample_field("e3m_events")
    assert dataset.active_label_schemas == []


def test_a_field_that_a_user_deleted_no_longer_stops_every_change(dataset):
    """FiftyOne 1.22 keeps the label schema of a frame field, and raises whenever it checks it."""
    offer(dataset, both(["a man"]))
    with pytest.raises(Exception, match="invalid label schema"):
        dataset.delete_frame_field("e3m")
    with pytest.raises(Exception, match="invalid label schema"):
        dataset.delete_frame_field("e3m_relevance")
    assert mend(dataset) == [TUBE]
    dataset.delete_sample_field("e3m_status")
    assert dataset.active_label_schemas == [EVENTS]

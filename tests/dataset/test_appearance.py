"""Pins what the App draws of a grounding when a dataset is opened, and that a user's choice stays.

FiftyOne reads both from the dataset's `app_config`.
"""

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.appearance import colour_of, set_appearance
from fiftyone_e3m.dataset.declaring import add_fields
from fiftyone_e3m.dataset.records import start_run
from fiftyone_e3m.dataset.schema import Fields

MINE = fo.ColorScheme(color_by="instance")


@pytest.fixture
def dataset():
    """A video dataset with boxes and a classification of the user's."""
    dataset = fo.Dataset()
    dataset.media_type = "video"
    for name in ("gt", "boxes"):
        kind = {"ftype": fo.EmbeddedDocumentField, "embedded_doc_type": fo.Detections}
        dataset.add_frame_field(name, **kind)
    kind = {"ftype": fo.EmbeddedDocumentField, "embedded_doc_type": fo.Classification}
    dataset.add_sample_field("weather", **kind)
    yield dataset
    dataset.delete()


def ground(dataset, field="e3m", boxes="boxes"):
    """The fields and the record of a run."""
    start_run(dataset, e3m.Request(query="a man", field=field, boxes_field=boxes).settings)
    Fields(field).declare(dataset, several_queries=True)
    set_appearance(dataset)
    dataset.reload()


def drawn(dataset):
    return set(dataset.app_config.active_fields.paths)


def coloured(dataset):
    return {
        entry["path"]: [c["color"] for c in entry["valueColors"]]
        for entry in dataset.app_config.color_scheme.fields
    }


def test_tubes_are_drawn_and_what_would_cover_the_picture_is_not(dataset):
    ground(dataset)
    assert drawn(dataset) == {"weather", "frames.gt", "frames.e3m", "e3m_events"}


def test_tube_and_event_of_a_sentence_have_its_colour(dataset):
    ground(dataset)
    scheme = dataset.app_config.color_scheme
    assert scheme.color_by == "value"
    assert {entry["colorByAttribute"] for entry in scheme.fields} == {"index"}
    colours = coloured(dataset)
    assert set(colours) == {"frames.e3m", "e3m_events"}
    assert colours["frames.e3m"] == colours["e3m_events"]
    assert colours["e3m_events"][:12] == [colour_of(n) for n in range(1, 13)]
    assert len(set(colours["e3m_events"][:10])) == 10


@pytest.mark.parametrize("name", ["active_fields", "color_scheme"])
def test_what_a_user_has_chosen_stays_and_the_other_one_is_set(dataset, name):
    mine = {"active_fields": fo.ActiveFields(paths=["frames.gt"]), "color_scheme": MINE}
    setattr(dataset.app_config, name, mine[name])
    dataset.save()
    ground(dataset)
    ground(dataset, "second")
    assert getattr(dataset.app_config, name) == mine[name]
    (other,) = {"active_fields", "color_scheme"} - {name}
    assert getattr(dataset.app_config, other) is not None


def test_a_further_grounding_is_drawn_in_colour_and_a_field_that_the_user_hid_stays_hidden(dataset):
    ground(dataset)
    dataset.app_config.active_fields.paths.remove("weather")
    dataset.app_config.color_scheme.opacity = 0.3
    dataset.save()
    ground(dataset, "second")
    assert {"frames.second", "second_events"} < drawn(dataset)
    assert not drawn(dataset) & {"weather", "frames.second_queries"}
    assert "second_events" in coloured(dataset)
    assert dataset.app_config.color_scheme.opacity == 0.3


def test_an_accepted_copy_is_not_drawn_beside_its_original_but_has_its_colour(dataset):
    ground(dataset)
    add_fields(
        dataset, {"frames.accepted": fo.Detections, "accepted_events": fo.TemporalDetections}
    )
    set_appearance(dataset, "accepted")
    assert drawn(dataset) == {"weather", "frames.gt", "frames.e3m", "e3m_events"}
    assert coloured(dataset)["accepted_events"] == coloured(dataset)["e3m_events"]
    ground(dataset, "second")
    assert not drawn(dataset) & {"frames.accepted", "accepted_events"}


def test_who_resets_the_choice_draws_everything_from_then_on(dataset):
    ground(dataset)
    dataset.app_config.active_fields = dataset.app_config.color_scheme = None
    dataset.save()
    ground(dataset, "second")
    assert dataset.app_config.active_fields is None
    assert dataset.app_config.color_scheme is None


def test_a_grounding_that_is_deleted_and_made_again_is_drawn_again(dataset):
    ground(dataset)
    e3m.delete_grounding(dataset)
    assert drawn(dataset) == {"weather", "frames.gt"}
    assert coloured(dataset) == {}
    ground(dataset)
    assert {"frames.e3m", "e3m_events"} < drawn(dataset)
    assert set(coloured(dataset)) == {"frames.e3m", "e3m_events"}

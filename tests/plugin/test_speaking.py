"""Pins that a refusal which Python answers with code reaches the App in words of the App."""

import fiftyone as fo
import fiftyone.operators as foo
import pytest

from fiftyone_e3m.dataset.records import start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.request import Request

PLUGIN = "@e3m/video-grounding"
PREPARE, EVALUATE = "prepare_for_annotation", "evaluate_grounding"
GROUND, DELETE = "ground_videos", "delete_grounding"
CODE = ("Pass ", "pass ", "()", "=", "dataset.", "field.")
"""What only Python understands."""
OPEN = "Open a dataset of whole videos, or show the videos in the grid."
UNGROUPED = "Open a dataset of the videos alone, without groups."


def add_event(sample):
    """A predicted and a true event of a sentence."""
    for name in ("e3m_events", "gt_events"):
        event = fo.TemporalDetection(label="a dog", support=[1, 2])
        sample[name] = fo.TemporalDetections(detections=[event])


def whole(dataset):
    """Two grounded videos."""
    for name in "ab":
        sample = fo.Sample(filepath=f"/videos/{name}.mp4", e3m_status="ok")
        add_event(sample)
        if dataset.group_field:
            sample["group"] = fo.Group().element("left")
        dataset.add_sample(sample)
    Fields("e3m").declare(dataset, several_queries=False)
    start_run(dataset, Request(query="a dog", boxes_field="e3m").settings)
    return dataset


def groups(dataset):
    """The grounded videos are slices of groups."""
    dataset.add_group_field("group", default="left")
    return whole(dataset)


def slices(dataset):
    """The same, with their slices in the grid."""
    return groups(dataset).select_group_slices(media_type="video")


def many(dataset):
    """One video more than a run can hold."""
    whole(dataset).add_sample(fo.Sample(filepath="/videos/c.mp4"))
    return dataset


def clips(dataset):
    """A view of the events."""
    return whole(dataset).to_clips("e3m_events")


def copied(dataset):
    """A dataset made of such a view."""
    return clips(dataset).clone()


def locked(dataset):
    """A field of the grounding is read-only."""
    field = whole(dataset).get_field("e3m_status")
    field.read_only = True
    field.save()
    return dataset


CASES = [
    (PREPARE, groups, f"Only tubes of videos can be prepared, but '…' holds groups. {UNGROUPED}"),
    (
        PREPARE,
        clips,
        "Only tubes of whole videos can be prepared, not those of the clips, frames or images of "
        f"'…'. {OPEN}",
    ),
    (EVALUATE, groups, f"Tubes are evaluated on whole videos, but '…' holds groups. {UNGROUPED}"),
    (EVALUATE, slices, f"No evaluation can be stored in '…', which holds groups. {UNGROUPED}"),
    (EVALUATE, clips, f"Tubes are evaluated on whole videos, but '…' holds clips. {OPEN}"),
    (GROUND, groups, f"Grounding needs whole videos, but '…' holds groups. {UNGROUPED}"),
    (GROUND, clips, f"Grounding needs whole videos, but '…' holds clips. {OPEN}"),
    (
        GROUND,
        copied,
        "The samples of '…' are clips, parts of their videos: it was made from a view of clips. "
        "Open the dataset of the whole videos.",
    ),
    (GROUND, locked, "The dataset has 'e3m_status' as read-only. Choose another field name."),
    (
        GROUND,
        many,
        "A run can hold 2 videos, and these are 3. Ground them in parts: add the stage Limit to "
        "the view, then Skip for the rest.",
    ),
    (
        DELETE,
        clips,
        "This view holds clips, frames or patches. Show the videos that they come from in the "
        "grid.",
    ),
]


@pytest.mark.parametrize(
    ("name", "given", "sentence"), CASES, ids=[f"{name}-{make.__name__}" for name, make, _ in CASES]
)
def test_the_form_speaks_the_words_of_the_app(opened, monkeypatch, name, given, sentence):
    monkeypatch.setattr("fiftyone_e3m.dataset.checks.LARGEST", 2)
    dataset = fo.Dataset()
    shown = given(dataset)
    is_view = isinstance(shown, fo.DatasetView)
    view, asked = (shown._serialize(), dataset) if is_view else ([], shown)
    params = {"query": "a cat", "overwrite": True} if name == GROUND else {}
    ctx = opened(f"{PLUGIN}/{name}", asked, {"view": view}, field="e3m", **params)
    problem = foo.get_operator(f"{PLUGIN}/{name}").resolve_input(ctx).type.properties["problem"]
    assert problem.error_message.replace(asked.name, "…") == sentence
    assert not [word for word in CODE if word in sentence]
    for each in {dataset.name, asked.name}:
        fo.delete_dataset(each)

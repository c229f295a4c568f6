"""Pins how another object is chosen from the list of the App's form, and what the choice does.

In the clip, a red box moves at the top of ten frames and a blue one stands below. What a correction
does to the labels is pinned in tests/regrounding.
"""

import fiftyone as fo
import fiftyone.operators as foo
import pytest
from fiftyone.operators.executor import ExecutionError

import fiftyone_e3m as e3m

URI = "@e3m/video-grounding/correct_tube"
RED, PLACE = "a red box", [0.1, 0.6, 0.2, 0.25]
"""The sentence, and where the blue box is."""
LISTED = ["red, frames 1 to 9", "blue, frames 1 to 9"]
"""The objects of frame 5; every second frame was looked at."""


@pytest.fixture
def dataset(new_dataset, tiny_encoder):
    """A grounded video whose tube follows the red box in frames 2 to 9."""
    dataset = new_dataset(1)
    sample = dataset.first()
    window = fo.TemporalDetection(label=RED, support=[2, 9])
    sample["marks"] = fo.TemporalDetections(detections=[window])
    sample.save()
    e3m.ground(
        dataset, RED, boxes_field="gt", events_field="marks", encoder=tiny_encoder, progress=False
    )
    choices = e3m.choices_at(sample, 5)
    e3m.correct_tube(sample, RED, frame=5, track=choices[0].track)
    yield dataset
    dataset.delete()


@pytest.fixture(scope="module")
def detector(tmp_path_factory, tiny_encoder):
    """Path of a network that finds something in each quarter of a picture, whatever it shows."""
    import torch
    from ultralytics import YOLO

    folder = tmp_path_factory.mktemp("networks")
    model = YOLO("yolov8n.yaml")
    head = model.model.model[-1]
    for stride, sides, scores in zip((8, 16, 32), head.cv2, head.cv3, strict=True):
        for last in (sides[-1], scores[-1]):
            torch.nn.init.zeros_(last.weight)
            torch.nn.init.constant_(last.bias, -20)
        sides[-1].bias.data.view(4, -1)[:, 1] = 20  # one stride to each side
        scores[-1].bias.data[0] = 2 if stride == 32 else -20
    model.ckpt = {"train_args": {"imgsz": 64}}
    model.save(folder / "quarters.pt")
    folders = f"{folder}:{tiny_encoder.removeprefix('local-dir:')}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("E3M_WEIGHTS_DIRS", folders)
        yield str(folder / "quarters.pt")


@pytest.fixture
def form(opened):
    """`form(dataset, frame=5)`: the properties of the form, as the App asks for them."""

    def resolve(dataset, **params):
        request = {"current_sample": dataset.first().id}
        ctx = opened(URI, dataset, request, field="e3m", query=RED, **params)
        return foo.get_operator(URI).resolve_input(ctx).type.properties

    return resolve


def execute(dataset, **params):
    """Runs the operator through FiftyOne's executor, which checks the form first."""
    ctx = {"dataset": dataset, "current_sample": dataset.first().id}
    params = {"field": "e3m", "query": RED, **params}
    return foo.execute_operator(URI, ctx, params=params).result["text"]


def listed(properties):
    """The objects of the form, as text by value."""
    return {choice.value: choice.label for choice in properties["track"].view.choices}


def tube(dataset):
    dataset.reload()
    frames = dataset.first().frames.items()
    return {number: frame.e3m.detections[0] for number, frame in frames if frame.e3m}


def test_the_form_lists_the_objects_of_the_frame_by_class_and_time(form, dataset):
    properties = form(dataset, frame=5)
    assert "problem" not in properties
    assert list(listed(properties).values()) == LISTED
    assert properties["track"].required
    assert "look" not in properties, "the boxes are there"
    assert (properties["frame"].type.min, properties["frame"].type.max) == (2, 9)


def test_the_tube_follows_the_object_chosen_from_the_list(form, dataset):
    assert all(box.bounding_box[1] < 0.5 for box in tube(dataset).values())
    track = {label: value for value, label in listed(form(dataset, frame=5)).items()}[LISTED[1]]
    assert track == "1", "menus of the App hold text"
    text = execute(dataset, frame=5, track=track)
    assert text.startswith("'a red box' has another tube at frames 2 to 9: 8 boxes changed.")
    boxes = tube(dataset)
    assert list(boxes) == list(range(2, 10))
    assert all(box.bounding_box == pytest.approx(PLACE, abs=0.01) for box in boxes.values())


@pytest.mark.parametrize("frame", [1, 10, 5.5, "five"])
def test_only_frames_of_the_event_have_a_list(form, dataset, frame):
    properties = form(dataset, frame=frame)
    assert properties["problem"].error_message.endswith("must be a whole number from 2 to 9.")
    assert "track" not in properties


def test_without_a_choice_nothing_is_changed(dataset):
    before = tube(dataset)
    for params in ({"frame": 5}, {"frame": 5, "track": "7"}):
        with pytest.raises(ExecutionError):
            execute(dataset, **params)
    assert tube(dataset)[5].bounding_box == before[5].bounding_box


def test_objects_of_a_detector_are_listed_on_request(form, new_dataset, tiny_encoder, detector):
    """It takes seconds to load."""
    dataset = new_dataset(1)
    e3m.ground(dataset, RED, encoder=tiny_encoder, detector=detector, progress=False)
    first = dataset.first().e3m_events.detections[0].support[0]
    properties = form(dataset, frame=first)
    assert properties["look"].view.label == "List the objects in this frame"
    assert "track" not in properties
    shown = listed(form(dataset, frame=first, look=True))
    assert shown == dict.fromkeys("0123", "0, frames 1 to 9")
    places = {c.track: c.box for c in e3m.choices_at(dataset.first(), first)}
    before = tube(dataset)[first].bounding_box
    other = next(track for track, box in places.items() if box != pytest.approx(before, abs=0.05))
    execute(dataset, frame=first, look=True, track=str(other))
    assert tube(dataset)[first].bounding_box == pytest.approx(places[other], abs=0.01)
    dataset.delete()

"""Pins what a person's "not this one, that one" changes, and a search in another span.

A blue box stands still at the bottom of 30 frames, a red one moves at the top. At frame 21 the
picture is cut: there the red box is at the bottom, and there is no blue one.
"""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.dataset.claims import Claim
from fiftyone_e3m.dataset.states import event_state
from fiftyone_e3m.engines import one_video, worker
from fiftyone_e3m.regrounding import correcting
from fiftyone_e3m.regrounding.choices import candidates_at
from fiftyone_e3m.regrounding.runs import video_of

N, CUT = 30, 21
RED, BLUE = "a red box", (5, 30, 17, 42)
SIZE = (64, 48)


def red(number):
    return (number + 4, 4, number + 16, 16) if number < CUT else (40, 30, 52, 42)


def relative(box):
    (x1, y1, x2, y2), (width, height) = box, SIZE
    return [x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height]


@pytest.fixture(scope="module")
def clip(tmp_path_factory, draw_video):
    frames = [{"blue": BLUE, "red": red(n)} for n in range(1, CUT)]
    frames += [{"yellow": (0, 0, 64, 24), "red": red(n)} for n in range(CUT, N + 1)]
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", frames, size=SIZE)


@pytest.fixture(scope="module")
def grounded(clip, stand_ins):
    """The red box is grounded in the first shot; its own boxes are in `frames.gt`."""
    dataset, sample = fo.Dataset(), fo.Sample(filepath=str(clip), marks=None)
    for n in range(1, N + 1):
        boxes = {"red": red(n)} | ({"blue": BLUE} if n < CUT else {})
        found = [fo.Detection(label=k, bounding_box=relative(v)) for k, v in boxes.items()]
        sample.frames[n] = fo.Frame(gt=fo.Detections(detections=found))
    time = fo.TemporalDetection(label=RED, support=[4, 17])
    sample["marks"] = fo.TemporalDetections(detections=[time])
    dataset.add_sample(sample)
    boxes = {"boxes_field": "gt", "events_field": "marks", "progress": False}
    e3m.ground(dataset, RED, encoder=stand_ins.encoder(), **boxes)
    yield dataset
    dataset.delete()


@pytest.fixture
def video(grounded):
    """The grounded video, in a copy of the dataset that has the run record too."""
    dataset = grounded.clone()
    yield dataset.first()
    dataset.delete()


def tube(sample, field="e3m"):
    frames = sample.dataset[sample.id].frames
    return {n: f[field].detections[0] for n, f in frames.items() if f[field]}


def event(sample):
    return sample.dataset[sample.id].e3m_events.detections[0]


def places(boxes):
    return {n: [round(value, 2) for value in box.bounding_box] for n, box in boxes.items()}


BOTTOM = [round(value, 2) for value in relative(BLUE)]


def test_the_tube_follows_the_box_that_was_pointed_at(video, fake_encoder):
    before = places(tube(video))
    assert before[10] == pytest.approx(relative(red(10)), abs=0.03)
    done = e3m.correct_tube(video, RED, frame=10, box=relative(BLUE), encoder=fake_encoder)
    assert places(tube(video)) == dict.fromkeys(range(4, 18), BOTTOM)
    assert (done.changed, done.added, done.removed) == (14, 0, 0)
    assert done.headline.startswith(
        "'a red box' has another tube at frames 4 to 17: 14 boxes changed."
    )
    assert places(tube(video, "e3m_original")) == before
    assert {box.index for box in tube(video).values()} == {1}
    assert len({box.instance.id for box in tube(video).values()}) == 1
    assert (event(video).support, event(video).original_support) == ([4, 17], [4, 17])
    assert event_state(event(video)) == "corrected"
    assert e3m.restore_event(video, RED).changed == 14
    assert places(tube(video)) == before
    assert event_state(event(video)) == "to review"


def test_or_the_track_that_was_chosen_from_those_in_view(video, fake_encoder):
    choices = e3m.choices_at(video, 10)
    assert [(c.label, c.span) for c in choices] == [("red", (1, 19)), ("blue", (1, 19))]
    blue = choices[1]
    assert (str(blue), blue.box) == ("blue, frames 1 to 19", pytest.approx(relative(BLUE)))
    e3m.correct_tube(video, RED, frame=10, track=blue.track, encoder=fake_encoder)
    assert places(tube(video)) == dict.fromkeys(range(4, 18), BOTTOM)


def test_a_second_correction_keeps_the_first_answer(video, fake_encoder):
    before = places(tube(video))
    e3m.correct_tube(video, RED, frame=10, box=relative(BLUE), encoder=fake_encoder)
    e3m.correct_event(video, RED, last=12)
    e3m.correct_tube(video, RED, frame=12, box=relative(red(12)), encoder=fake_encoder)
    assert places(tube(video))[8] == before[8]
    assert sorted(tube(video)) == list(range(4, 13))
    assert places(tube(video, "e3m_original")) == before
    e3m.restore_event(video, RED)
    assert places(tube(video)) == before


def test_the_object_is_found_in_another_span(video, fake_encoder):
    moved = e3m.correct_event(video, RED, CUT + 2, N)
    assert tube(video) == {}, "the boxes of the first shot say nothing of this one"
    assert "8 frames lie beyond a cut and have no box" in moved.headline
    done = e3m.find_object(video, RED, encoder=fake_encoder)
    assert places(tube(video))[N] == pytest.approx(relative(red(N)), abs=0.02)
    assert (sorted(tube(video)), done.added) == (list(range(CUT + 2, N + 1)), 8)
    assert (event(video).support, event(video).original_support) == ([CUT + 2, N], [4, 17])


def test_what_a_detector_found_can_be_chosen(clip, stand_ins):
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(clip)))
    models = {"detector": stand_ins.detector(), "encoder": stand_ins.encoder()}
    e3m.ground(dataset, RED, progress=False, **models)
    sample = dataset.first()
    first, _ = event(sample).support
    choices = e3m.choices_at(sample, first, detector=models["detector"])
    other = next(choice for choice in choices if choice.label != "red")
    e3m.correct_tube(sample, RED, first, track=other.track, **models)
    assert tube(sample)[first].bounding_box == pytest.approx(other.box, abs=0.03)
    with pytest.raises(e3m.DetectorError, match="rectangles"):
        e3m.choices_at(sample, first)
    dataset.delete()


@pytest.fixture
def only_red(grounded, fake_encoder):
    """The video as grounded with its red boxes alone: a view of the run hid the others."""
    dataset = grounded.clone()
    view = dataset.filter_labels("frames.gt", F("label") == "red")
    options = {"encoder": fake_encoder, "boxes_field": "gt", "progress": False}
    e3m.ground(view, RED, field="seen", **options)
    yield dataset.first()
    dataset.delete()


def test_what_the_view_of_the_run_hid_is_no_candidate(only_red, fake_encoder):
    assert [choice.label for choice in e3m.choices_at(only_red, 10, "seen")] == ["red"]
    assert [each.label for each in candidates_at(only_red, 10, "seen")] == ["red"]
    e3m.correct_event(only_red, RED, 1, 10, field="seen")
    e3m.find_object(only_red, RED, "seen", encoder=fake_encoder)
    assert {box.class_name for box in tube(only_red, "seen").values()} == {"red"}


def test_a_view_that_cannot_be_had_any_more_is_told_of(grounded, fake_encoder):
    dataset = grounded.clone()
    dataset.clone_frame_field("gt", "other")
    view = dataset.exclude_labels(ids=[], fields="frames.other")
    options = {"encoder": fake_encoder, "boxes_field": "gt", "progress": False}
    e3m.ground(view, RED, field="seen", **options)
    dataset.delete_frame_field("other")
    with pytest.raises(e3m.GroundingError, match=r"view that 'seen' of .* no frame field 'other'"):
        e3m.choices_at(dataset.first(), 10, "seen")
    dataset.delete()


def test_of_a_view_that_filtered_the_boxes_their_field_is_missed(only_red, fake_encoder):
    dataset = only_red.dataset
    dataset.delete_frame_field("gt")
    with pytest.raises(e3m.GroundingError, match=r"'frames\.gt'.* was deleted"):
        e3m.find_object(dataset.first(), RED, "seen", encoder=fake_encoder)


class InWords:
    """Detects the red box as a dog and the blue one as a man, if it is asked for them."""

    name = "in words"

    def __init__(self, detector, prompts=(), asked=None):
        self.detector, self.prompts, self.asked = detector, prompts, [] if asked is None else asked

    def prompted(self, prompts):
        self.asked.append(tuple(prompts))
        return InWords(self.detector, prompts, self.asked)

    def detect(self, frames):
        return [self._named(found) for found in self.detector.detect(frames)]

    def _named(self, found):
        named = [{"red": "dog", "blue": "man"}.get(label, "") for label in found.labels]
        rows = [i for i, name in enumerate(named) if name in self.prompts]
        return Boxes.of(found.xyxy[rows], found.scores[rows], [named[i] for i in rows])


def test_a_detector_that_takes_text_is_asked_for_what_its_run_asked_for(clip, stand_ins):
    dataset, dog = fo.Dataset(), "a red dog runs"
    dataset.add_sample(fo.Sample(filepath=str(clip)))
    models = {"detector": InWords(stand_ins.detector()), "encoder": stand_ins.encoder()}
    e3m.ground(dataset, [dog, "a blue man walks"], progress=False, **models)
    sample = dataset.first()
    first, last = event(sample).support
    given = relative(BLUE)
    e3m.correct_tube(sample, dog, first, given, **models)
    e3m.find_object(sample, dog, **models)
    assert set(models["detector"].asked) == {("dog", "man")}
    e3m.correct_tube(sample, dog, first, given, **models)
    followed = {n: b for n, b in tube(sample).items() if n <= min(last, CUT - 1)}
    assert {box.class_name for box in followed.values()} == {"man"}
    dataset.delete()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"query": "a cat", "box": [0, 0, 1, 1]}, "no event for 'a cat'"),
        ({}, "box of the object or the number of its track; neither was"),
        ({"box": [0, 0, 1, 1], "track": 0}, "both were"),
        ({"frame": 18, "box": [0, 0, 1, 1]}, "Frame 18 is outside the event of 'a red box'"),
        ({"frame": "x", "box": [0, 0, 1, 1]}, "frame is 'x', but it must be a whole number"),
        ({"box": [0.5, 0.5, 0, 0.1]}, "must be .x, y, width, height. relative to the frame"),
        ({"box": "here"}, "must be .x, y, width, height. relative to the frame"),
        (
            {"track": 7},
            r"Track 7 is not in view in frame 10. In view: 0 \(red, frames 1 to 19\), 1",
        ),
        ({"box": [0, 0, 1, 1], "field": "nope"}, "no grounding in 'nope'"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_and_nothing_written(grounded, arguments, sentence):
    video = grounded.first()
    with pytest.raises(e3m.GroundingError, match=sentence):
        e3m.correct_tube(video, **{"query": RED, "frame": 10, **arguments})
    assert not event(video).has_field("corrected")
    assert not grounded.has_frame_field("e3m_original")


def test_an_event_that_is_moved_while_its_object_is_looked_for_stays_there(
    video, fake_encoder, monkeypatch
):
    def slowly(sample, *arguments):
        moved = sample.dataset.first()
        moved.e3m_events.detections[0].support = [4, 9]
        moved.save()
        return video_of(sample, *arguments)

    monkeypatch.setattr(correcting, "video_of", slowly)
    before = places(tube(video))
    with pytest.raises(e3m.GroundingError, match="was moved to frames 4 to 9 since"):
        e3m.find_object(video, RED, encoder=fake_encoder)
    assert (event(video).support, places(tube(video))) == ([4, 9], before)


def test_while_a_run_writes_into_the_field_no_object_is_looked_for(video, fake_encoder):
    given = {"frame": 10, "box": relative(BLUE), "encoder": fake_encoder}
    with Claim(video.dataset, "e3m"):
        with pytest.raises(e3m.GroundingError, match="begun to write into 'e3m'"):
            e3m.find_object(video, RED, encoder=fake_encoder)
        with pytest.raises(e3m.GroundingError, match="begun to write into 'e3m'"):
            e3m.correct_tube(video, RED, **given)
    assert not event(video).has_field("corrected")


def test_without_its_boxes_or_its_record_a_video_cannot_be_linked_anew(video, fake_encoder):
    dataset = video.dataset
    given = {"frame": 10, "box": relative(BLUE), "encoder": fake_encoder}
    dataset.delete_frame_field("gt")
    with pytest.raises(e3m.GroundingError, match=r"'frames\.gt'.* was deleted"):
        e3m.correct_tube(dataset.first(), RED, **given)
    dataset.delete_run(dataset.list_runs()[0])
    with pytest.raises(e3m.GroundingError, match="No run record tells how 'e3m' of"):
        e3m.find_object(dataset.first(), RED, encoder=fake_encoder)


def test_models_are_put_on_the_device_of_the_correction(clip, stand_ins, machine, monkeypatch):
    machine(cuda=2)
    placed = []

    def load(make):
        return lambda name, trusted, device: placed.append((name, device)) or make()

    for module in (worker, one_video):
        monkeypatch.setattr(module, "load_encoder", load(stand_ins.encoder))
        monkeypatch.setattr(module, "load_detector", load(stand_ins.detector))
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(clip)))
    e3m.ground(dataset, RED, encoder="bundled", detector="any.pt", device="cpu", progress=False)
    sample, there = dataset.first(), ("cuda:1", "cuda:1")
    first = sample.e3m_events.detections[0].support[0]
    placed.clear()
    e3m.choices_at(sample, first, device="cuda:1")
    e3m.correct_tube(sample, RED, first, relative(BLUE), device="cuda:1")
    e3m.find_object(sample, RED, device="cuda:1")
    assert placed == list(zip(("any.pt", "bundled"), there, strict=True)), "once for all of them"
    for correct in (
        lambda **options: e3m.find_object(sample, RED, **options),
        lambda **options: e3m.correct_tube(sample, RED, first, relative(BLUE), **options),
        lambda **options: e3m.choices_at(sample, first, **options),
    ):
        with pytest.raises(e3m.GroundingError, match="device is 'gpu', but there is no such"):
            correct(device="gpu")
    one_video.release_kept_models()
    dataset.delete()

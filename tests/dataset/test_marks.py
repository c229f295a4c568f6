"""Tests the times that a dataset gives for sentences: which count, what is said of others."""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

from fiftyone_e3m.dataset.marks import Marks, read_marks
from fiftyone_e3m.e3m import Window
from fiftyone_e3m.request import Request

MAN, DOG = "a man", "a dog"


def windows(*events, sentences=(MAN,), exact=True):
    return Marks("marks", exact, events).windows(sentences, frame_count=20)


def test_a_support_is_a_window_counted_from_zero():
    assert windows((MAN, [1, 20])) == ([Window(((0, 19),))], [])
    assert windows((MAN, [3, 3]), exact=False) == ([Window(((2, 2),), exact=False)], [])


def test_each_sentence_has_the_events_with_its_label():
    events = (f" {DOG}\n", [2, 3]), (MAN, [9, 11]), ("a cat", [1, 2]), (MAN, [4, 5])
    found, notes = windows(*events, sentences=(MAN, DOG))
    assert found == [Window(((3, 4), (8, 10))), Window(((1, 2),))]
    assert notes == []


def test_labels_are_compared_as_they_are_written():
    found, notes = windows(("A man", [1, 2]))
    assert found == [None]
    assert notes == ["'marks' has no event of 'a man', so its time was found in the video."]


def test_sentences_without_an_event_are_named():
    found, notes = windows((MAN, [1, 2]), sentences=(DOG, MAN, "a cat"))
    assert found == [None, Window(((0, 1),)), None]
    assert notes == [
        "'marks' has no event of 'a dog', 'a cat', so their time was found in the video."
    ]
    assert windows()[0] == [None]


@pytest.mark.parametrize(
    "event",
    [
        (None, [1, 2]),
        ("  ", [1, 2]),
        (MAN, None),
        (MAN, []),
        (MAN, [3]),
        (MAN, [1, 2, 3]),
        (MAN, 7),
        (MAN, ["a", "b"]),
        (MAN, [None, 3]),
        (MAN, [5, 4]),
        (MAN, [0, 4]),
        (MAN, [-3, -1]),
        (MAN, [21, 30]),
        (MAN, [float("nan"), 4]),
        (MAN, [4, float("nan")]),
        (MAN, [4, float("inf")]),
    ],
    ids=str,
)
def test_an_event_that_means_nothing_is_counted_and_the_others_count(event):
    found, notes = windows(event, (MAN, [4, 8]), event)
    assert found == [Window(((3, 7),))]
    assert notes == [
        "Ignored in 'marks', as they have no label or are not within frames 1 to 20: 2."
    ]
    found, notes = windows(event)
    assert found == [None]
    assert len(notes) == 2


def test_an_end_after_the_last_frame_is_cut():
    found, notes = windows((MAN, [20, 21]))
    assert found == [Window(((19, 19),))]
    assert notes == ["Cut in 'marks' at the video's last frame, 20: 1."]


@pytest.fixture
def dataset():
    """Two videos with a mark each, and one without."""
    dataset = fo.Dataset()
    samples = [fo.Sample(filepath=f"{n}.mp4") for n in "abc"]
    for sample, label in zip(samples, (MAN, DOG), strict=False):
        mark = fo.TemporalDetection(label=label, support=[2, 5])
        sample["marks"] = fo.TemporalDetections(detections=[mark])
    dataset.add_samples(samples, progress=False)
    yield dataset
    dataset.delete()


def read(samples, ids, role="window"):
    return read_marks(samples, ids, Request("x", events_field="marks", events_role=role))


def test_marks_are_read_by_sample(dataset):
    ids = dataset.values("id")
    marks = read(dataset, ids[::-1])
    assert [marks[i].events for i in ids] == [((MAN, [2, 5]),), ((DOG, [2, 5]),), ()]
    assert all(marks[i].exact for i in ids)
    assert not read(dataset, ids, "prior")[ids[0]].exact
    assert read_marks(dataset, ids, Request("x")) == {}


def test_the_filter_of_a_view_counts_but_not_its_choice_of_samples(dataset):
    ids = dataset.values("id")
    view = dataset.filter_labels("marks", F("label") == DOG)
    marks = read(view, ids)
    assert [marks[i].events for i in ids] == [(), ((DOG, [2, 5]),), ()]

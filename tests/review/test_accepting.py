"""Pins how reviewed tubes become ground truth: what is copied, and that nothing is overwritten.

Users must be able to trust ground truth, so the tests check what must not change as much as what is
written.
"""

import fiftyone as fo
import numpy as np
import pytest

import fiftyone_e3m as e3m

MAN, DOG = "a man", "a dog"


@pytest.fixture
def grounded(dataset, new_grounding, ground_video):
    """Two videos with two sentences and one."""
    new_grounding(dataset)
    ground_video(dataset, "/a.mp4", {MAN: (5, 6), DOG: (6, 8)})
    ground_video(dataset, "/b.mp4", {MAN: (1, 3)})
    return dataset


@pytest.fixture(scope="module")
def rich(library, new_grounding, ground_video):
    """Two groundings, and fields of other types."""
    new_grounding(library)
    new_grounding(library, "second")
    ground_video(library, "/a.mp4", {MAN: (5, 6), DOG: (6, 8)})
    kind = {"ftype": fo.EmbeddedDocumentField, "embedded_doc_type": fo.Polylines}
    library.add_frame_field("lines", **kind)
    library.add_sample_field("notes_events", fo.StringField)
    return library


def labels(dataset, path):
    return dataset.values(f"{path}.detections.label")


def test_a_box_drawn_with_a_shortened_label_belongs_to_its_sentence(dataset, grounded):
    """As in the Annotate tab, which offers the labels of the tubes, not their sentences."""
    sample = grounded.last()
    for number in (1, 2, 3):
        box = sample.frames[number].e3m.detections[0]
        box.label, box["sentence"] = "a ...", MAN
    drawn = fo.Detection(label="a ...", bounding_box=[0, 0, 0.5, 0.5])
    sample.frames[4].e3m = fo.Detections(detections=[drawn])
    sample.save()
    (tube,) = e3m.accept_tubes(grounded.select(sample.id)).tubes
    assert (tube.query, tube.n_boxes) == (MAN, 4)


def test_tubes_and_events_are_copied_without_what_the_model_said(grounded):
    report = e3m.accept_tubes(grounded)
    sample = grounded.first()
    assert {
        n: [d.label for d in f.accepted.detections] for n, f in sample.frames.items() if f.accepted
    } == {
        5: [MAN],
        6: [MAN, DOG],
        7: [DOG],
        8: [DOG],
    }
    for number in (5, 6):
        truth, tube = (sample.frames[number][name].detections[0] for name in ("accepted", "e3m"))
        assert truth.bounding_box == tube.bounding_box
        assert (truth.index, truth.keyframe) == (tube.index, tube.keyframe) == (1, False)
        assert truth.confidence is None
        assert not truth.has_field("source")
        assert truth.id != tube.id
    events = sample.accepted_events.detections
    assert [(e.label, e.support, e.confidence) for e in events] == [
        (MAN, [5, 6], None),
        (DOG, [6, 8], None),
    ]
    assert [(t.query, t.n_boxes) for t in report.accepted] == [(MAN, 2), (DOG, 3), (MAN, 3)]
    assert str(report) == "3 tubes of 2 videos accepted into 'accepted'."


def test_each_tube_is_one_instance_that_the_prediction_does_not_share(grounded):
    e3m.accept_tubes(grounded)
    frames = grounded.first().frames
    man = {frames[n].accepted.detections[0].instance.id for n in (5, 6)}
    dog = {frames[n].accepted.detections[-1].instance.id for n in (6, 7, 8)}
    tube = {d.instance.id for n in (5, 6, 7, 8) for d in frames[n].e3m.detections}
    assert len(man) == len(dog) == 1
    assert len(man | dog | tube) == 4


def test_the_prediction_stays_as_it_was_but_for_the_mark(grounded, content):
    before = content(grounded, "frames.e3m"), content(grounded, "e3m_events")
    e3m.accept_tubes(grounded)
    assert grounded.values("e3m_events.detections.review") == [["accepted"] * 2, ["accepted"]]
    for sample in grounded.iter_samples(autosave=True):
        for event in sample.e3m_events.detections:
            event.clear_field("review")
    assert (content(grounded, "frames.e3m"), content(grounded, "e3m_events")) == before


def test_a_sentence_that_is_there_is_left_and_others_are_appended(grounded):
    sample = grounded.first()
    own = fo.Detection(label=MAN, bounding_box=[0, 0, 1, 1])
    car = fo.Detection(label="car", bounding_box=[0, 0, 0.5, 1], colour="red")
    sample.frames[6]["gt"] = fo.Detections(detections=[own, car])
    sample.save()
    before = grounded.values("frames.gt.detections.id")[0][5]
    report = e3m.accept_tubes(grounded, into="gt")
    at = grounded.first().frames[6].gt.detections
    assert [d.label for d in at] == [MAN, "car", DOG]
    assert [d.id for d in at[:2]] == before
    assert at[1].colour == "red"
    assert labels(grounded, "gt_events") == [[DOG], [MAN]]
    (left,) = report.left
    assert (left.filepath, left.query, left.n_boxes) == ("/a.mp4", MAN, 0)
    assert str(report).endswith(
        "/a.mp4: a man: 'gt' already has this sentence; it was not changed."
    )


def test_an_event_alone_counts_as_being_there(grounded):
    event = fo.TemporalDetection(label=MAN, support=[9, 9])
    grounded.set_values("gt_events", [None, fo.TemporalDetections(detections=[event])])
    e3m.accept_tubes(grounded, into="gt")
    assert grounded.last().gt_events.detections[0].support == [9, 9]
    assert grounded.last().frames[1].gt is None


def test_accepting_twice_changes_nothing(grounded, content):
    e3m.accept_tubes(grounded)
    before = grounded.values(["frames.accepted.detections.id", "frames.last_modified_at"])
    report = e3m.accept_tubes(grounded)
    assert grounded.values(["frames.accepted.detections.id", "frames.last_modified_at"]) == before
    assert (len(report.accepted), len(report.left)) == (0, 3)


def test_frames_that_gain_nothing_are_not_written(grounded):
    e3m.accept_tubes(grounded, queries=DOG)
    before = grounded.values("frames.last_modified_at")[0]
    e3m.accept_tubes(grounded)
    after = grounded.values("frames.last_modified_at")[0]
    assert [n for n, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b] == [5, 6]


def test_only_the_videos_of_a_view_and_the_sentences_asked_for(grounded):
    report = e3m.accept_tubes(grounded.limit(1), queries=[DOG])
    assert labels(grounded, "accepted_events") == [[DOG], None]
    assert [(t.filepath, t.query) for t in report.tubes] == [("/a.mp4", DOG)]


def test_what_a_view_hides_of_a_tube_is_accepted_too(grounded):
    view = grounded.filter_labels("frames.e3m", fo.ViewField("confidence") > 0.05)
    e3m.accept_tubes(view.select_fields("frames.e3m"))
    assert [d.label for d in grounded.first().frames[5].accepted.detections] == [MAN]


def test_a_sentence_with_two_events_is_accepted_with_each_box_once(grounded):
    sample = grounded.first()
    again = fo.TemporalDetection(label=MAN, support=[9, 10])
    sample.e3m_events.detections.append(again)
    sample.save()
    report = e3m.accept_tubes(grounded.limit(1), queries=MAN)
    assert [(t.query, t.n_boxes) for t in report.tubes] == [(MAN, 2)]
    assert [len(f.accepted.detections) for f in sample.frames.values() if f.accepted] == [1, 1]
    assert [e.support for e in sample.accepted_events.detections] == [[5, 6], [9, 10]]


def test_videos_without_anything_to_accept_are_listed(grounded):
    grounded.add_sample(fo.Sample(filepath="/c.mp4"))
    last = grounded.match({"filepath": {"$regex": "b.mp4"}})
    last.clear_frame_field("e3m")
    report = e3m.accept_tubes(grounded)
    assert [(t.filepath, t.query, t.reason) for t in report.left] == [
        ("/b.mp4", MAN, "The tube has no box."),
        ("/c.mp4", None, "The video has no event in 'e3m_events'."),
    ]
    assert labels(grounded, "accepted_events") == [[MAN, DOG], None, None]
    dog_only = e3m.accept_tubes(grounded, into="other", queries=DOG)
    assert dog_only.left[0].reason == "The video has none of these sentences."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"field": "nope"}, "no grounding in 'nope'. Groundings: e3m"),
        ({"into": "a b"}, "'a b' cannot be the name of a field"),
        ({"into": "_mine"}, "'_mine' cannot be the name"),
        ({"into": "frame_number"}, "FiftyOne itself uses the name 'frame_number'"),
        ({"into": "copy"}, "FiftyOne itself uses the name 'copy'"),
        ({"into": "e3m"}, "'e3m' belongs to the grounding 'e3m'"),
        ({"into": "second_relevance"}, "'second_relevance' belongs to the grounding 'second'"),
        ({"into": "lines"}, "'frames.lines' does not hold Detections"),
        ({"into": "notes"}, "'notes_events' does not hold TemporalDetections"),
        ({"queries": ["a cat"]}, "None of these videos has the sentence 'a cat'.* a dog, a man"),
        ({"queries": []}, "empty sentence"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(rich, arguments, sentence):
    schema = set(rich.get_field_schema()), set(rich.get_frame_field_schema())
    with pytest.raises(e3m.GroundingError, match=sentence):
        e3m.accept_tubes(rich, **arguments)
    assert (set(rich.get_field_schema()), set(rich.get_frame_field_schema())) == schema


def test_clips_and_lost_fields_are_refused(grounded):
    with pytest.raises(e3m.GroundingError, match="clips, frames or patches"):
        e3m.accept_tubes(grounded.to_clips("e3m_events"))
    grounded.delete_sample_field("e3m_events")
    with pytest.raises(e3m.GroundingError, match="cannot be read: e3m_events was deleted"):
        e3m.accept_tubes(grounded)


def test_mask_and_class_are_true_of_the_object_as_well(grounded):
    sample = grounded.first()
    tube = sample.frames[5].e3m.detections[0]
    tube.mask, tube["class_name"] = np.eye(3, dtype=bool), "person"
    sample.save()
    e3m.accept_tubes(grounded)
    truth = grounded.first().frames[5].accepted.detections[0]
    assert (truth.mask == np.eye(3)).all()
    assert truth.class_name == "person"

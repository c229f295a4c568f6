"""Pins which tubes of a grounding are handed over, by a person's judgement and by confidence."""

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m import GroundingError, prepare_for_annotation

RED, GREEN, BLUE = "a red box", "a green box", "a blue box"


@pytest.fixture(scope="module")
def untouched(clip, stand_ins):
    """A video with three sentences of the confidences .9, .6 and .3."""
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(clip)))
    models = {"detector": stand_ins.detector(), "encoder": stand_ins.encoder()}
    e3m.ground(dataset, [RED, GREEN, BLUE], progress=False, **models)
    sample = dataset.first()
    for event, confidence in zip(sample.e3m_events.detections, (0.9, 0.6, 0.3), strict=True):
        event.confidence = confidence
    sample.save()
    yield dataset
    dataset.delete()


@pytest.fixture
def grounded(untouched):
    dataset = untouched.clone()
    yield dataset
    dataset.delete()


def handed(dataset, **arguments):
    """The sentences that are handed over, and the problems that are told."""
    report = prepare_for_annotation(dataset, **arguments)
    return [tube.sentence for tube in report.tubes], report.problems


def test_rejected_tubes_are_left_out_and_that_is_told(grounded):
    assert handed(grounded) == ([RED, GREEN, BLUE], [])
    e3m.reject_tube(grounded.first(), GREEN)
    assert handed(grounded) == ([RED, BLUE], ["Tubes left out: 1 rejected."])


def test_only_what_was_accepted(grounded):
    e3m.accept_tubes(grounded, queries=BLUE)
    e3m.reject_tube(grounded.first(), RED)
    told = ["Tubes left out: 1 rejected, 1 not accepted."]
    assert handed(grounded, only_accepted=True) == ([BLUE], told)


def test_what_nobody_judged_from_a_confidence_on(grounded):
    told = ["Tubes left out: 1 with a confidence below 0.5."]
    assert handed(grounded, confidence=0.5) == ([RED, GREEN], told)
    e3m.accept_tubes(grounded, queries=BLUE)
    assert handed(grounded, confidence=0.5) == ([RED, GREEN, BLUE], [])
    assert handed(grounded, confidence=0.7)[0] == [RED, BLUE]


def test_accepted_tubes_are_handed_over_by_themselves(grounded, tmp_path):
    """Their keyframes are copies of the grounding's, not somebody's work."""
    e3m.accept_tubes(grounded, queries=[RED, BLUE])
    assert grounded.count_values("frames.accepted.detections.keyframe")[True] >= 4
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        report = prepare_for_annotation(grounded, "accepted", format="cvat", out=tmp_path / name)
        assert [tube.sentence for tube in report.tubes] == [RED, BLUE]
    e3m.accept_tubes(grounded, queries=GREEN)
    assert handed(grounded, field="accepted")[0] == [RED, GREEN, BLUE]


def test_keyframes_that_somebody_marked_in_the_field_before_are_protected(grounded):
    sample = grounded.first()
    mine = fo.Detection(label="mine", bounding_box=[0, 0, 0.5, 0.5], keyframe=True)
    sample.frames[1]["accepted"] = fo.Detections(detections=[mine])
    sample.save()
    grounded.add_dynamic_frame_fields()
    e3m.accept_tubes(grounded)
    with pytest.raises(GroundingError, match="keyframes, which no grounding run marked"):
        prepare_for_annotation(grounded, "accepted")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"only_accepted": "yes"}, "only_accepted is 'yes'"),
        ({"confidence": 2}, "confidence is 2, but it must be a confidence within 0..1"),
        ({"confidence": 0.5, "only_accepted": True}, "give only_accepted or confidence, not both"),
        ({"field": "accepted", "only_accepted": True}, "was not written by a grounding"),
    ],
    ids=str,
)
def test_what_cannot_be_selected_is_told(grounded, arguments, sentence):
    e3m.accept_tubes(grounded)
    with pytest.raises(GroundingError, match=sentence):
        prepare_for_annotation(grounded, **arguments)

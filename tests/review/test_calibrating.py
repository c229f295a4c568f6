"""Pins which reviewed events count as right, and how they are fitted; events are as by a run.

Every video has 20 frames (see conftest). Confidences are given by hand, so that the calibrations
that runs used can be undone by hand as well.
"""

import fiftyone as fo
import numpy as np
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.calibration import Applied, Calibration, KeptCalibrations
from fiftyone_e3m.dataset.records import start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.evaluation.metrics import TimedBoxes
from fiftyone_e3m.request import Request
from fiftyone_e3m.review import calibrating
from fiftyone_e3m.review.judging import judge, judged_events

pytestmark = pytest.mark.slow

MAN, DOG = "a man", "a dog"
BOX, ELSEWHERE = [0.1, 0.1, 0.3, 0.3], [0.6, 0.6, 0.9, 0.9]


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("E3M_DATA_DIR", str(tmp_path / "data"))
    return KeptCalibrations.default()


@pytest.fixture
def add(dataset, ground_video):
    """`add(n, confidence=.5)`: n grounded videos with "a man" in frames 8 to 10, and their ids."""

    def videos(n, confidence=0.5):
        ids = []
        for _ in range(n):
            sample = ground_video(dataset, f"/{len(dataset)}.mp4", {MAN: (8, 10)})
            sample.e3m_events.detections[0].confidence = confidence
            sample.save()
            ids.append(sample.id)
        return ids

    return videos


@pytest.fixture
def new_run(dataset):
    """`new_run(ids, "encoder", Applied(...))`: a run record for these videos, or for all."""

    def start(ids=None, encoder="colours", applied=None, **request):
        if not dataset.has_frame_field("e3m"):
            Fields("e3m").declare(dataset, several_queries=True)
        settings = Request(query=MAN, encoder=encoder, **request).settings
        record = (applied or Applied(fingerprint=f"of {encoder}")).record
        return start_run(dataset.select(ids) if ids else dataset, settings, record)

    return start


def accept(dataset, ids):
    e3m.accept_tubes(dataset.select(ids))


def correct(dataset, ids, first=15, last=20):
    for sample_id in ids:
        e3m.correct_event(dataset[sample_id], MAN, first, last)


def tube(first, last, box=BOX, without=()):
    return TimedBoxes(first, last, {n: box for n in range(first, last + 1) if n not in without})


# Right or wrong


@pytest.mark.parametrize(
    ("corrected", "truth", "right"),
    [
        (None, None, None),
        ((1, 10), None, True),
        ((1, 20), None, True),  # tIoU .5
        ((1, 21), None, False),
        ((11, 20), None, False),
        (None, tube(1, 10), True),
        (None, tube(1, 10, ELSEWHERE), False),
        (None, tube(1, 20), False),  # vIoU .5
        (None, tube(1, 19), True),
        ((11, 20), tube(1, 10), True),  # the truth decides
        ((1, 10), tube(1, 10, ELSEWHERE), False),
        (None, TimedBoxes(1, 10, {}), None),  # true times alone say nothing about the object
        (None, TimedBoxes(1, 10, {30: BOX}), None),
        ((1, 9), TimedBoxes(1, 10, {}), True),
    ],
    ids=str,
)
def test_a_verdict_by_hand(corrected, truth, right):
    corrected = corrected and tube(*corrected)
    assert judge(tube(1, 10), corrected, truth) is right


def test_what_was_rejected_or_is_another_object_was_wrong():
    assert judge(tube(1, 10), None, None, rejected=True) is False
    assert judge(tube(1, 10), tube(1, 10, ELSEWHERE), None) is False
    assert judge(tube(1, 10), tube(1, 10), None) is True
    assert judge(tube(1, 10), None, tube(1, 10), rejected=True) is False, "it was accepted before"
    assert judge(tube(1, 10), None, tube(1, 11), rejected=True) is True, "the truth knows better"


def test_an_accepted_tube_is_right_even_where_most_of_its_frames_have_no_box():
    gaps = tube(1, 10, without=range(1, 8))
    assert judge(gaps, None, gaps) is True
    assert judge(gaps, None, tube(1, 10)) is False


def test_accepted_and_corrected_events_are_judged_as_they_were_grounded(dataset, add, new_run):
    new_run()
    ids = add(5)
    accept(dataset, ids[:1])
    correct(dataset, ids[1:3])
    accept(dataset, ids[2:3])  # after the correction
    correct(dataset, ids[3:4], 8, 11)
    found = {e.sample_id: e.right for e in judged_events(dataset, ids, "e3m", "accepted")}
    assert found == dict(zip(ids, [True, False, False, True, None], strict=True))


def test_events_that_a_person_added_are_not_answers(dataset, add, new_run):
    new_run()
    (sample_id,) = add(1)
    sample = dataset[sample_id]
    sample.e3m_events.detections.append(fo.TemporalDetection(label=DOG, support=[1, 2]))
    sample.save()
    accept(dataset, [sample_id])
    assert [e.query for e in judged_events(dataset, [sample_id], "e3m", "accepted")] == [MAN]


def test_a_restored_event_is_as_if_never_reviewed(dataset, add, new_run):
    new_run()
    ids = add(1)
    correct(dataset, ids)
    e3m.restore_event(dataset[ids[0]], MAN)
    assert [e.right for e in judged_events(dataset, ids, "e3m", "accepted")] == [None]


# The fit


def test_the_report_says_in_sentences_what_was_done(dataset, add, new_run, kept):
    new_run()
    ids = add(30)
    accept(dataset, ids[:20])
    correct(dataset, ids[20:25])
    report = e3m.calibrate(dataset)
    fit = Calibration.fit([0.5] * 25, [True] * 20 + [False] * 5)
    assert str(report).splitlines() == [
        "colours: 20 of 25 reviewed events were right, a share of 0.80. Their mean confidence was "
        f"0.50 and is {fit(0.5):.2f} with the new calibration (scale 1.00, shift "
        f"{fit.shift:+.2f}).",
        "Events that nobody reviewed, which do not count: 5.",
        f"Kept in {kept.path}. Later runs use it; the confidences in 'e3m' stay until the videos "
        "are grounded again.",
    ]
    (entry,) = kept.read().values()
    assert kept.read().keys() == {"of colours"}
    assert (entry.encoder, entry.n_events, entry.n_right) == ("colours", 25, 20)
    assert entry.calibration == report.encoders[0].calibration
    assert dataset.values("e3m_events.detections.confidence", unwind=True) == [0.5] * 30


def test_the_calibration_that_a_run_used_is_undone(dataset, add, new_run, kept):
    used = Calibration(0.5, -1.0)
    new_run(applied=Applied(used, "fitted", "abc"))
    sure, unsure = add(15, float(used(0.8))), add(15, float(used(0.3)))
    accept(dataset, [*sure[:12], *unsure[:5]])
    correct(dataset, [*sure[12:], *unsure[5:]])
    e3m.calibrate(dataset)
    right = [True] * 12 + [False] * 3 + [True] * 5 + [False] * 10
    fit = Calibration.fit(np.repeat([0.8, 0.3], 15), right)
    found = kept.read()["abc"].calibration
    assert (found.scale, found.shift) == pytest.approx((fit.scale, fit.shift), abs=1e-3)


def test_encoders_are_fitted_apart_by_the_latest_run_of_each_video(dataset, add, new_run, kept):
    first, second, third = add(25), add(25), add(4)
    new_run()
    new_run(second, "other")
    new_run(third, "rare")
    accept(dataset, first[:20] + second[:5] + third)
    correct(dataset, first[20:] + second[5:])
    report = e3m.calibrate(dataset)
    outcomes = {e.encoder: (e.n_events, e.n_right) for e in report.encoders}
    assert outcomes == {"colours": (25, 20), "other": (25, 5), "rare": (4, 4)}
    found = kept.read()
    assert found.keys() == {"of colours", "of other"}
    assert found["of colours"].calibration.shift > 0 > found["of other"].calibration.shift
    assert "rare was not calibrated. 4 right and 0 wrong events are too few" in str(report)


def test_a_view_selects_videos(dataset, add, new_run, kept):
    new_run()
    ids = add(30)
    accept(dataset, ids[:20])
    correct(dataset, ids[20:])
    (outcome,) = e3m.calibrate(dataset.select(ids[3:])).encoders
    assert (outcome.n_events, outcome.n_right) == (27, 17)


def test_ground_truth_of_another_source_counts(dataset, add, new_run, kept):
    new_run()
    ids = add(20)
    for n, sample_id in enumerate(ids):
        sample = dataset[sample_id]
        for number in (8, 9, 10):
            box = sample.frames[number].e3m.detections[0].bounding_box
            box = box if n < 14 else [0.6, 0.6, 0.1, 0.1]
            found = fo.Detection(label=MAN, bounding_box=box)
            sample.frames[number]["gt"] = fo.Detections(detections=[found])
        sample.save()
    (outcome,) = e3m.calibrate(dataset, truth="frames.gt").encoders
    assert (outcome.n_events, outcome.n_right) == (20, 14)


# What is left out, and refusals


def test_a_run_without_a_fingerprint_takes_that_of_the_encoder_by_its_name(
    dataset, add, new_run, kept, monkeypatch, known_encoder
):
    monkeypatch.setattr(calibrating, "load_encoder", lambda name: known_encoder)
    new_run(applied=Applied())
    ids = add(20)
    accept(dataset, ids[:15])
    correct(dataset, ids[15:])
    e3m.calibrate(dataset)
    assert kept.read().keys() == {"colours, version 1"}


def test_a_device_that_is_not_there_is_refused(dataset, add, new_run, machine, monkeypatch):
    machine()
    monkeypatch.setenv("E3M_DEVICE", "cuda:7")
    new_run(encoder="ViT-B-32/openai", applied=Applied())
    accept(dataset, add(20))
    with pytest.raises(e3m.GroundingError, match="E3M_DEVICE is 'cuda:7', but"):
        e3m.calibrate(dataset)


WINDOW = {"events_field": "marks", "events_role": "window"}


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ({"config": e3m.E3MConfig.preset("paper")}, "their confidence has no absolute scale"),
        (WINDOW, "their time was given"),
        ({"applied": Applied()}, "no fingerprint of the encoder 'colours' is known"),
        (None, "no run record tells their encoder"),
    ],
    ids=["paper", "window", "object", "no record"],
)
def test_what_cannot_be_used_is_left_out_and_said(dataset, add, new_run, kept, run, reason):
    usable = add(20)
    new_run(usable)
    others = add(2)
    if run is not None:
        new_run(others, **run)
    accept(dataset, usable[:15] + others)
    correct(dataset, usable[15:])
    report = e3m.calibrate(dataset)
    assert report.encoders[0].n_events == 20
    assert f"Reviewed events that were left out: 2, because {reason}" in str(report)


def test_events_of_an_earlier_version_are_left_out(dataset, add, new_grounding):
    new_grounding(dataset)
    accept(dataset, add(1))
    with pytest.raises(e3m.GroundingError, match=r"left out: 1, because another version"):
        e3m.calibrate(dataset)


def test_a_prior_is_no_obstacle(dataset, add, new_run):
    new_run(events_field="marks", events_role="prior")
    ids = add(20)
    accept(dataset, ids[:15])
    correct(dataset, ids[15:])
    assert e3m.calibrate(dataset).fitted


def test_too_few_events_are_refused_and_nothing_is_kept(dataset, add, new_run, kept):
    new_run()
    ids = add(6)
    with pytest.raises(e3m.GroundingError) as error:
        e3m.calibrate(dataset)
    assert str(error.value).splitlines() == [
        "No event of 'e3m' can be used for a calibration. Accept the tubes that are right, and "
        "correct the events that are not.",
        "Events that nobody reviewed, which do not count: 6.",
        "There are no boxes in 'frames.accepted', so only corrected events count.",
    ]
    accept(dataset, ids[:4])
    correct(dataset, ids[4:])
    with pytest.raises(e3m.GroundingError, match="4 right and 2 wrong events are too few"):
        e3m.calibrate(dataset)
    assert not kept.path.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"field": "nope"}, "no grounding in 'nope'. Groundings: e3m"),
        ({"truth": "e3m"}, "'e3m' belongs to the grounding 'e3m'"),
        ({"truth": "a b"}, "'a b' cannot be the name of a field"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(dataset, add, new_run, arguments, sentence):
    new_run()
    add(1)
    with pytest.raises(e3m.GroundingError, match=sentence):
        e3m.calibrate(dataset, **arguments)


def test_a_damaged_file_is_not_replaced(dataset, add, new_run, kept):
    new_run()
    ids = add(20)
    accept(dataset, ids[:15])
    correct(dataset, ids[15:])
    kept.path.parent.mkdir()
    kept.path.write_text("{")
    with pytest.raises(e3m.GroundingError, match="are damaged"):
        e3m.calibrate(dataset)
    assert kept.path.read_text() == "{"

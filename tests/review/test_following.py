"""Pins which tubes follow an event that a person moved, and which stay as they are.

Every video has 20 frames, a man in frames 8 to 10 and a dog in frames 9 to 12 (see conftest).
"""

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m

MAN, DOG = "a man", "a dog"


@pytest.fixture
def grounded(dataset, new_grounding, ground_video):
    new_grounding(dataset)
    ground_video(dataset, "/a.mp4", {MAN: (8, 10), DOG: (9, 12)})
    return dataset


def drag(dataset, support, query=MAN):
    """Moves an event as the Annotate tab does: its `support` changes, and nothing else."""
    sample = dataset.first()
    event = next(e for e in sample.e3m_events.detections if e.label == query)
    event.support = support
    sample.save()


def event(dataset, query=MAN):
    dataset.reload()
    return next(e for e in dataset.first().e3m_events.detections if e.label == query)


def frames(dataset, query=MAN, field="e3m"):
    dataset.reload()
    labels = {n: f[field].detections for n, f in dataset.first().frames.items() if f[field]}
    return [n for n, found in labels.items() if any(box.label == query for box in found)]


def test_the_tube_of_a_moved_event_follows_and_the_first_answer_is_kept(grounded):
    drag(grounded, [9, 13])
    report = e3m.follow_events(grounded)
    assert report.headline == (
        "1 tubes of 1 videos follow their event. 3 frames gained a box, 1 lost one. "
        "3 of the new boxes only repeat the adjacent box: check them."
    )
    assert frames(grounded) == list(range(9, 14))
    assert frames(grounded, DOG) == list(range(9, 13)), "it was not moved"
    moved = event(grounded)
    assert (moved.support, moved.corrected, moved.original_support) == ([9, 13], True, [8, 10])
    assert frames(grounded, field="e3m_original") == [8, 9, 10]
    e3m.restore_event(grounded.first(), MAN)
    assert (event(grounded).support, frames(grounded)) == ([8, 10], [8, 9, 10])


def test_a_moved_event_whose_tube_has_no_box_is_corrected_and_can_be_restored(grounded):
    grounded.clear_frame_field("e3m")
    drag(grounded, [9, 13])
    (done,) = e3m.follow_events(grounded).corrections
    assert (done.before, done.support, done.added) == ((8, 10), (9, 13), 0)
    moved = event(grounded)
    assert (moved.review, moved.corrected, moved.original_support) == ("corrected", True, [8, 10])
    assert e3m.follow_events(grounded).corrections == ()
    e3m.restore_event(grounded.first(), MAN)
    assert event(grounded).support == [8, 10]


def test_without_a_moved_event_nothing_is_written(grounded, content):
    before = content(grounded, "frames.e3m"), content(grounded, "e3m_events")
    report = e3m.follow_events(grounded)
    assert report.headline == "No event was moved since its tube was made."
    assert (content(grounded, "frames.e3m"), content(grounded, "e3m_events")) == before


def test_it_follows_once_and_again_when_moved_again(grounded):
    drag(grounded, [9, 10])
    assert len(e3m.follow_events(grounded).corrections) == 1
    assert e3m.follow_events(grounded).corrections == ()
    drag(grounded, [9, 12])
    assert len(e3m.follow_events(grounded).corrections) == 1
    assert frames(grounded) == [9, 10, 11, 12]
    assert event(grounded).original_support == [8, 10]


@pytest.mark.parametrize("corrected", [False, True])
def test_boxes_that_a_person_took_out_of_a_tube_do_not_come_back(grounded, corrected):
    if corrected:
        e3m.correct_event(grounded.first(), MAN, first=7)
    sample = grounded.first()
    first = sample.frames[frames(grounded)[0]]
    first.e3m = None
    sample.save()
    left = frames(grounded)
    assert e3m.follow_events(grounded).corrections == ()
    assert frames(grounded) == left


def test_a_grounding_by_an_earlier_version_is_known_by_its_tube(grounded):
    sample = grounded.first()
    for detection in sample.e3m_events.detections:
        detection.clear_field("original_support")
    sample.save()
    drag(grounded, [8, 9])
    assert len(e3m.follow_events(grounded).corrections) == 1
    assert frames(grounded) == [8, 9]
    assert event(grounded).original_support == [8, 10]


def test_an_event_outside_the_video_is_told_and_the_others_go_on(grounded):
    drag(grounded, [8, 30])
    drag(grounded, [9, 10], DOG)
    report = e3m.follow_events(grounded)
    assert frames(grounded, DOG) == [9, 10]
    (reason,) = report.left
    assert reason.startswith("'a man' in /a.mp4 is not followed: Frame 30 is not in /a.mp4")
    assert frames(grounded) == [8, 9, 10]


def test_an_event_that_a_person_drew_has_no_tube_to_follow(grounded):
    sample = grounded.first()
    drawn = fo.TemporalDetection(label="a cat", support=[1, 3])
    sample.e3m_events.detections.append(drawn)
    sample.save()
    assert str(e3m.follow_events(grounded)) == "No event was moved since its tube was made."


def test_only_the_videos_of_a_view_follow(grounded, ground_video):
    ground_video(grounded, "/b.mp4", {MAN: (8, 10)})
    drag(grounded, [9, 10])
    assert e3m.follow_events(grounded.skip(1)).corrections == ()
    assert len(e3m.follow_events(grounded.limit(1)).corrections) == 1


def test_what_holds_no_grounding_is_refused(grounded):
    with pytest.raises(e3m.GroundingError, match="no grounding in 'nope'"):
        e3m.follow_events(grounded, "nope")

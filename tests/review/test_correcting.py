"""Pins what a correction changes: the event, its tube, and the record; and that it can be undone.

Every video has 20 frames, two sentences and a tube each (see conftest). What is not corrected must
stay exactly the same.
"""

from functools import partial

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.mending import mend
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.review.correcting import apply_correction
from fiftyone_e3m.review.events import find_event

from .stored import MAN, event, tube

DOG = "a dog"


@pytest.fixture
def grounded(dataset, new_grounding, ground_video):
    new_grounding(dataset)
    ground_video(dataset, "/a.mp4", {MAN: (8, 10), DOG: (9, 12)})
    return dataset


@pytest.fixture
def video(grounded):
    return grounded.first()


@pytest.fixture(scope="module")
def untouched(library, new_grounding, ground_video):
    new_grounding(library)
    return ground_video(library, "/a.mp4", {MAN: (8, 10), DOG: (9, 12)})


def test_frames_outside_lose_their_box_and_the_rest_is_not_touched(grounded, video):
    before = {n: d.id for n, d in tube(video).items()}
    dog = {n: d.to_dict() for n, d in tube(video, DOG).items()}
    correction = e3m.correct_event(video, MAN, last=9)
    assert event(video).support == [8, 9]
    assert {n: d.id for n, d in tube(video).items()} == {8: before[8], 9: before[9]}
    assert {n: d.to_dict() for n, d in tube(video, DOG).items()} == dog
    assert event(video, DOG).support == [9, 12]
    assert (correction.support, correction.before, correction.original) == (
        (8, 9),
        (8, 10),
        (8, 10),
    )
    assert correction.headline == (
        "'a man' is now at frames 8 to 9 (previously frames 8 to 10). "
        "0 frames gained a box, 1 lost one."
    )


def test_the_sample_in_hand_is_up_to_date(video):
    assert video.frames[8].e3m
    e3m.correct_event(video, MAN, first=9)
    assert video.frames[8].e3m is None
    assert video.e3m_events.detections[0].support == [9, 10]


def test_without_candidates_the_last_box_is_held_and_said_to_be(video):
    correction = e3m.correct_event(video, MAN, first=6, last=12)
    boxes = tube(video)
    assert sorted(boxes) == list(range(6, 13))
    for new, old in ((6, 8), (7, 8), (11, 10), (12, 10)):
        assert boxes[new].bounding_box == boxes[old].bounding_box
        assert boxes[new].source == "interpolated"
        assert boxes[new].confidence == new / 100
        assert (boxes[new].index, boxes[new].instance.id) == (1, boxes[8].instance.id)
    assert [n for n in boxes if boxes[n].keyframe] == [6, 8, 10, 12], "the ends of what moves"
    assert (correction.added, correction.removed, correction.repeated) == (4, 0, 4)
    assert correction.headline.endswith(
        "4 of the new boxes only repeat the adjacent box: check them. The video could not be read, "
        "so nobody looked for cuts."
    )


def test_confidence_of_a_new_box_is_the_relevance_to_its_own_sentence(video):
    e3m.correct_event(video, DOG, last=14)
    assert tube(video, DOG)[14].confidence == 0.07


def test_boxes_of_the_run_are_followed_outward(dataset, new_grounding, ground_video):
    new_grounding(dataset, boxes_field="gt")
    video = ground_video(dataset, "/a.mp4", {MAN: (8, 10)})
    near, far = [0.12, 0.1, 0.2, 0.2], [0.7, 0.7, 0.2, 0.2]
    for number, found in ((11, [far, near]), (12, [far]), (13, [])):
        boxes = [fo.Detection(label="thing", bounding_box=b) for b in found]
        video.frames[number]["gt"] = fo.Detections(detections=boxes)
    video.save()
    correction = e3m.correct_event(video, MAN, last=13)
    boxes = tube(video)
    assert [boxes[n].bounding_box for n in (11, 12, 13)] == [near] * 3
    assert [boxes[n].source for n in (11, 12, 13)] == ["detected", "interpolated", "interpolated"]
    assert [n for n in boxes if boxes[n].keyframe] == [8, 10, 12, 13], "not one per candidate"
    assert (correction.added, correction.repeated) == (3, 2)


def test_an_event_moved_elsewhere_takes_its_tube_along(video):
    correction = e3m.correct_event(video, MAN, 15, 16)
    assert sorted(tube(video)) == [15, 16]
    assert (correction.added, correction.removed) == (2, 3)
    e3m.correct_event(video, MAN, 10, 16)
    assert sorted(tube(video)) == list(range(10, 17))
    assert tube(video)[10].source == "tracked", "the grounding's own box comes back"
    assert tube(video)[11].source == "interpolated"


def follow_another(video, boxes):
    """Gives the man the boxes of another object, as if the sentence was grounded again."""
    event = find_event(video, MAN, "e3m")
    instance = fo.Instance()
    found = {
        n: [fo.Detection(label=MAN, bounding_box=box, index=1, instance=instance)]
        for n, box in boxes.items()
    }
    apply_correction(video, Fields("e3m"), event, tuple(event.support), found)


ELSEWHERE = [0.7, 0.6, 0.2, 0.2]


def test_boxes_of_the_first_object_do_not_come_back_into_the_tube_of_another(video):
    e3m.correct_event(video, MAN, last=9)
    follow_another(video, {8: ELSEWHERE, 9: ELSEWHERE})
    correction = e3m.correct_event(video, MAN, last=10)
    assert tube(video)[10].bounding_box == ELSEWHERE
    assert (correction.added, correction.repeated) == (1, 1)
    assert "only repeat the adjacent box" in correction.headline


def test_nor_where_the_other_object_has_no_frame_in_common_with_it(video):
    e3m.correct_event(video, MAN, 14, 16)
    follow_another(video, {14: ELSEWHERE, 15: ELSEWHERE, 16: ELSEWHERE})
    e3m.correct_event(video, MAN, first=9)
    assert [tube(video)[n].bounding_box for n in (9, 10)] == [ELSEWHERE] * 2


def test_an_event_wider_than_the_tube_of_another_object_is_filled_with_that_one(video):
    follow_another(video, {9: ELSEWHERE})
    correction = e3m.correct_event(video, MAN, 8, 10)
    assert [tube(video)[n].bounding_box for n in (8, 9, 10)] == [ELSEWHERE] * 3
    assert correction.repeated == 2


def test_they_come_back_where_the_same_object_was_found_again(video):
    e3m.correct_event(video, MAN, last=9)
    follow_another(video, {n: tube(video)[n].bounding_box for n in (8, 9)})
    assert e3m.correct_event(video, MAN, last=10).repeated == 0
    assert tube(video)[10].source == "tracked"


def test_a_box_that_somebody_took_out_of_the_tube_does_not_come_back(video):
    video.frames[9].e3m = None
    video.save()
    e3m.correct_event(video, MAN, last=11)
    assert sorted(tube(video)) == [8, 10, 11]


def test_a_box_that_a_person_drew_is_followed_and_kept_as_it_is(video, content):
    drawn = fo.Detection(label=MAN, bounding_box=[0.5, 0.5, 0.1, 0.1])
    video.frames[10].e3m = fo.Detections(detections=[drawn])
    video.save()
    before = content(video.dataset, "frames.e3m")
    e3m.correct_event(video, MAN, first=9, last=11)
    assert tube(video)[11].bounding_box == drawn.bounding_box
    e3m.restore_event(video, MAN)
    assert content(video.dataset, "frames.e3m") == before


def test_an_event_without_a_tube_is_corrected_alone(grounded, video):
    grounded.clear_frame_field("e3m")
    correction = e3m.correct_event(video, MAN, last=15)
    assert event(video).support == [8, 15]
    assert (tube(video), correction.added) == ({}, 0)


def test_the_tube_follows_an_event_that_was_changed_in_the_app(video):
    video.e3m_events.detections[0].support = [8, 9]
    video.save()
    assert e3m.correct_event(video, MAN, 8, 9).removed == 1
    assert sorted(tube(video)) == [8, 9]


# What is kept


def test_the_event_is_marked_and_keeps_the_first_answer(grounded, video):
    e3m.correct_event(video, MAN, last=9)
    e3m.correct_event(video, MAN, first=5)
    corrected = event(video)
    assert (corrected.corrected, corrected.original_support) == (True, [8, 10])
    assert (corrected.confidence, corrected.atomic_starts) == (0.5, [1])
    assert not event(video, DOG).has_field("corrected")
    assert sorted(tube(video, field="e3m_original")) == [8, 9, 10]
    assert tube(video, DOG, field="e3m_original") == {}
    schema = grounded.get_field_schema(flat=True)
    assert isinstance(schema["e3m_events.detections.corrected"], fo.BooleanField)
    assert isinstance(schema["e3m_events.detections.original_support"].field, fo.IntField)
    assert "frames.e3m_original" in Fields("e3m").present(grounded)


def test_fiftyone_can_still_generate_label_schemas(grounded, video):
    """Its Annotate tab does so whenever it opens, and loads for ever if that raises."""
    e3m.correct_event(video, MAN, last=9)
    schemas = grounded.generate_label_schemas()
    assert {"e3m_events", "frames.e3m", "frames.e3m_original"} <= schemas.keys()


def test_a_correction_by_an_earlier_version_is_mended_and_kept(grounded, video, content):
    e3m.correct_event(video, MAN, last=9)
    path = "e3m_events.detections.original_support"
    grounded.remove_dynamic_sample_field(path)
    grounded.add_sample_field(path, fo.FrameSupportField)  # as it used to be
    before = content(grounded, "e3m_events")
    with pytest.raises(Exception, match="invalid label schema"):
        grounded.generate_label_schemas()
    assert mend(grounded) == [path]
    grounded.generate_label_schemas()
    assert content(grounded, "e3m_events") == before
    assert mend(grounded) == []
    e3m.restore_event(video, MAN)
    assert event(video).support == [8, 10]


@pytest.mark.parametrize("change", [e3m.restore_event, partial(e3m.correct_event, first=9)])
def test_the_next_change_of_an_event_mends_the_dataset(grounded, video, change):
    path = "e3m_events.detections.original_support"
    e3m.correct_event(video, MAN, last=9)
    grounded.remove_dynamic_sample_field(path)
    grounded.add_sample_field(path, fo.FrameSupportField)
    change(video, MAN)
    grounded.generate_label_schemas()


def test_restoring_puts_back_event_and_tube_exactly(grounded, video, content):
    fields = "frames.e3m", "e3m_events", "frames.e3m_relevance", "frames.e3m_queries"
    before = [content(grounded, name) for name in fields]
    e3m.correct_event(video, DOG, first=10)
    e3m.correct_event(video, MAN, 9, 15)
    e3m.correct_event(video, MAN, 3, 8)
    correction = e3m.restore_event(video, MAN)
    assert (correction.support, correction.before) == ((8, 10), (3, 8))
    assert (correction.added, correction.removed) == (2, 5)
    assert event(video, DOG).corrected, "the other sentence keeps its correction"
    e3m.restore_event(video, DOG)
    assert [content(grounded, name) for name in fields] == before
    assert grounded.count("frames.e3m_original") == 0
    with pytest.raises(e3m.GroundingError, match=r"'a man' in .* was not corrected"):
        e3m.restore_event(video, MAN)
    e3m.correct_event(video, MAN, last=9)
    assert event(video).original_support == [8, 10], "it can start over"


def test_corrections_are_appended_to_the_latest_record(grounded, video, new_grounding):
    latest = new_grounding(grounded)
    e3m.correct_event(video, MAN, last=9)
    e3m.restore_event(video, MAN)
    grounded.reload()
    first, second = grounded.get_run_info(latest).config.corrections
    assert {k: v for k, v in first.items() if k != "corrected_at"} == {
        "sample_id": video.id,
        "query": MAN,
        "support": [8, 9],
        "original_support": [8, 10],
    }
    assert first["corrected_at"].endswith("+00:00")
    assert second["support"] == second["original_support"] == [8, 10]


# What is refused


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"query": "a cat", "first": 1}, "no event for 'a cat'. Sentences: 'a man', 'a dog'"),
        ({}, "Give the first frame of 'a man', the last, or both"),
        ({"first": 10, "last": 9}, "first frame, 10, comes after the last, 9"),
        ({"first": 11}, "first frame, 11, comes after the last, 10"),
        ({"first": 0}, "Frame 0 is not in /a.mp4, which has frames 1 to 20"),
        ({"last": 21}, "Frame 21 is not in /a.mp4"),
        ({"first": 8, "last": 10}, "'a man' is already at frames 8 to 10"),
        ({"first": 1, "field": "nope"}, "no grounding in 'nope'"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_and_nothing_written(untouched, arguments, sentence):
    with pytest.raises(e3m.GroundingError, match=sentence):
        e3m.correct_event(untouched, **{"query": MAN, **arguments})
    assert event(untouched).support == [8, 10]
    assert not untouched.dataset.has_frame_field("e3m_original")


def test_a_sample_of_a_view_will_do_but_a_clip_or_a_loose_sample_will_not(grounded):
    e3m.correct_event(grounded.select_fields("filepath").first(), MAN, last=9)
    assert event(grounded.first()).support == [8, 9]
    with pytest.raises(e3m.GroundingError, match="is part of a video"):
        e3m.correct_event(grounded.to_clips("e3m_events").first(), MAN, last=8)
    with pytest.raises(e3m.GroundingError, match="is not in a dataset"):
        e3m.correct_event(fo.Sample(filepath="/new.mp4"), MAN, last=8)


def test_metadata_say_how_many_frames_there_are(grounded, video):
    grounded.set_values("metadata", [fo.VideoMetadata(total_frame_count=25)])
    assert e3m.correct_event(video, MAN, last=25).added == 15


def test_another_grounding_is_not_used_to_keep_the_original(grounded, video, new_grounding):
    new_grounding(grounded, "e3m_original")
    with pytest.raises(e3m.GroundingError, match=r"kept in 'frames\.e3m_original'"):
        e3m.correct_event(video, MAN, last=9)
    assert event(video).support == [8, 10]


def set_support(video):
    video.e3m_events.detections[0].support = [8, 9]
    video.save()


def ground_again(video):
    video.e3m_events.detections[0] = fo.TemporalDetection(label=MAN, support=[8, 10])
    video.save()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (set_support, "was moved to frames 8 to 9"),
        (ground_again, "was deleted or grounded again"),
        (lambda video: e3m.accept_tubes(video.dataset), "has become 'accepted'"),
    ],
)
def test_an_event_that_was_changed_meanwhile_stays_so(grounded, video, content, change, what):
    stale = find_event(video, MAN, "e3m")
    change(grounded.first())
    before = content(grounded, "frames.e3m"), content(grounded, "e3m_events")
    with pytest.raises(e3m.GroundingError, match=f"event of 'a man' in /a.mp4 {what} since"):
        apply_correction(grounded.first(), Fields("e3m"), stale, (8, 10), {})
    assert (content(grounded, "frames.e3m"), content(grounded, "e3m_events")) == before
    assert not grounded.has_frame_field("e3m_original")

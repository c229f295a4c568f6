"""Pins tracks that others made: `boxes_field` with `instance` or `index`, and with masks."""

import fiftyone as fo
import numpy as np
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset import read_boxes
from fiftyone_e3m.e3m.tracks import DETECTED
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Video

RED, BLUE = "a red box", "a blue box"
N, SIZE = 24, (64, 48)
HALF = N // 2
LEFT, RIGHT, BELOW = (2, 4, 14, 16), (48, 4, 60, 16), (20, 30, 36, 44)
ALICE, BOB = fo.Instance(), fo.Instance()


@pytest.fixture(scope="module")
def path(tmp_path_factory, draw_video):
    """A red box that jumps from the left to the right halfway, and a blue one that stays."""
    scene = [{"red": LEFT if i < HALF else RIGHT, "blue": BELOW} for i in range(N)]
    return draw_video(tmp_path_factory.mktemp("tracks") / "v.mp4", scene, size=SIZE)


@pytest.fixture
def boxed(path):
    """`boxed({1: [box(LEFT, instance=ALICE)]})`: a dataset of the video, with these boxes."""
    made = []

    def make(frames):
        made.append(fo.Dataset())
        whole = fo.TemporalDetection(label=BLUE, support=[1, N])
        sample = fo.Sample(filepath=str(path), times=fo.TemporalDetections(detections=[whole]))
        for number, boxes in frames.items():
            sample.frames[number] = fo.Frame(found=fo.Detections(detections=boxes))
        made[-1].add_sample(sample)
        return made[-1]

    yield make
    for dataset in made:
        dataset.delete()


def box(xyxy, label="thing", **values):
    x1, y1, x2, y2 = np.array(xyxy) / (SIZE * 2)
    return fo.Detection(label=label, bounding_box=[x1, y1, x2 - x1, y2 - y1], **values)


def everywhere(*boxes):
    """The boxes of each frame: `boxes` are functions of the 0-based frame."""
    return {i + 1: [found for b in boxes if (found := b(i))] for i in range(N)}


def red(i, **values):
    return box(LEFT if i < HALF else RIGHT, **values)


def grounded(ground, dataset, query=RED, **options):
    """The boxes of the tube by frame."""
    summary = ground(dataset, query, boxes_field="found", **options)
    assert summary.counts == {"ok": 1}, str(summary)
    dataset.reload()
    frames = dataset.first().frames
    return {n: frame.e3m.detections[0] for n, frame in frames.items() if frame.e3m}


@pytest.mark.parametrize("known", [{"instance": ALICE}, {"index": 7}], ids=["instance", "index"])
def test_a_track_is_one_however_it_moves(boxed, ground, known):
    """By its motion alone, the box on the right would be another object."""
    tube = grounded(ground, boxed(everywhere(lambda i: red(i, **known))))
    assert {tube[n].bounding_box[0] for n in tube} == {LEFT[0] / 64, RIGHT[0] / 64}
    assert len({found.instance.id for found in tube.values()}) == 1
    if "instance" in known:
        assert tube[1].instance.id == ALICE.id
        assert {found.track for found in tube.values()} == {ALICE.id}
    else:
        assert {found.track for found in tube.values()} == {"7"}


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_two_tracks_are_never_one_though_one_goes_on_where_the_other_ends(boxed, ground, preset):
    """Alice is red; Bob is blue, and takes her place halfway: by motion they would be one."""

    def alice(i):
        return box(BELOW, instance=ALICE) if i < HALF else box(LEFT, instance=ALICE)

    def bob(i):
        return box(BELOW, instance=BOB) if i >= HALF else None

    config = e3m.E3MConfig.preset(preset)
    tube = grounded(ground, boxed(everywhere(alice, bob)), BLUE, config=config)
    assert len({found.instance.id for found in tube.values()}) == 1


def test_a_tube_has_the_boxes_of_its_track_in_frames_that_were_not_sampled(boxed, ground):
    """Frames 1, 11 and 21 are sampled; between, the track does not move in a straight line."""
    wild = [(2 + 3 * (i % 5), 4, 14 + 3 * (i % 5), 16) for i in range(N)]
    dataset = boxed(everywhere(lambda i: box(wild[i], index=1)))
    config = e3m.E3MConfig(sample_fps=1)
    tube = grounded(ground, dataset, BLUE, config=config, events_field="times")
    assert list(tube) == list(range(1, N + 1))
    for number, found in tube.items():
        assert found.bounding_box == pytest.approx(box(wild[number - 1]).bounding_box)
        assert found.source == "detected"


def test_where_the_source_does_not_see_an_object_for_long_no_box_is_invented(boxed, ground):
    """Unseen for 4 frames it is interpolated; for 10 frames, with a limit of .5 s, it is not."""
    gone = {*range(2, 6), *range(9, 19)}
    dataset = boxed(everywhere(lambda i: None if i in gone else box(BELOW, index=1)))
    config = e3m.E3MConfig(max_age=0.5)
    tube = grounded(ground, dataset, BLUE, config=config, events_field="times")
    assert [*tube] == [*range(1, 10), *range(20, N + 1)]
    assert {n for n in tube if tube[n].source == "interpolated"} == {3, 4, 5, 6}
    assert {found.track for found in tube.values()} == {"1"}
    assert len({found.instance.id for found in tube.values()}) == 1


def test_a_tube_takes_over_mask_class_and_keyframes(boxed, ground, tmp_path):
    shape = np.tri(12, dtype=bool)
    dataset = boxed(everywhere(lambda i: red(i, index=3, mask=shape, label="toy", keyframe=i == 4)))
    tube = grounded(ground, dataset)
    assert all((found.mask == shape).all() for found in tube.values())
    assert {found.class_name for found in tube.values()} == {"toy"}
    keyframes = [number for number, found in tube.items() if found.keyframe]
    assert 5 in keyframes, "the source's"
    assert {min(tube), max(tube)} <= set(keyframes), "and those that interpolation needs"


def test_a_mask_in_a_file_is_taken_over_as_its_path(boxed, ground):
    dataset = boxed(everywhere(lambda i: red(i, index=3, mask_path=f"/masks/{i}.png")))
    tube = grounded(ground, dataset)
    assert all(found.mask_path == f"/masks/{n - 1}.png" for n, found in tube.items())


def test_boxes_without_a_track_are_joined_beside_those_with_one(boxed, ground):
    dataset = boxed(everywhere(lambda i: red(i, index=1), lambda i: box(BELOW, mask=np.eye(2))))
    tube = grounded(ground, dataset, BLUE)
    assert {found.track for found in tube.values()} == {None}
    assert all(found.mask is None for found in tube.values())
    assert len({found.instance.id for found in tube.values()}) == 1


def test_equal_indexes_of_two_classes_are_two_tracks(boxed, ground):
    """As FiftyOne's SAM 3 counts: the objects of each prompt from 0."""
    dataset = boxed(
        everywhere(lambda i: red(i, label="toy", index=0), lambda i: box(BELOW, "ball", index=0))
    )
    tube = grounded(ground, dataset)
    assert {found.track for found in tube.values()} == {"toy 0"}
    assert {found.bounding_box[1] for found in tube.values()} == {LEFT[1] / 48}


def test_the_class_of_a_track_may_flicker(boxed, ground):
    dataset = boxed(everywhere(lambda i: red(i, label="toy" if i % 3 else "ball", index=0)))
    assert {found.track for found in grounded(ground, dataset).values()} == {"0"}


def test_an_index_that_counts_classes_is_no_track_and_that_is_told(boxed, ground):
    dataset = boxed(everywhere(lambda i: red(i, index=1), lambda i: box(BELOW, index=1)))
    tube = grounded(ground, dataset, BLUE)
    assert {found.bounding_box[1] for found in tube.values()} == {BELOW[1] / 48}
    assert "several boxes are in one frame" in dataset.first().e3m_message


@pytest.mark.parametrize("link", ["viterbi", "argmax", "object"])
def test_a_choice_of_linking_that_tracks_overrule_is_told(boxed, ground, link):
    dataset, config = boxed(everywhere(lambda i: red(i, index=1))), e3m.E3MConfig(link=link)
    grounded(ground, dataset, config=config)
    told = f"one object was picked in each shot, and link='{link}' did not apply"
    assert (told in (dataset.first().e3m_message or "")) is (link != "object")


def test_a_track_of_unsure_boxes_alone_is_none(boxed, ground):
    unsure = everywhere(lambda i: red(i, index=1, confidence=0.2))
    summary = ground(boxed(unsure), RED, boxes_field="found", config=e3m.E3MConfig(conf=0.25))
    assert summary.counts == {"no_boxes": 1}


def test_objects_that_hide_each_other_are_both_kept(boxed, fake_encoder):
    """Of two such boxes without tracks, one would be a duplicate."""
    twins = [lambda i: red(i, index=1), lambda i: red(i, index=2, confidence=0.8)]
    dataset = boxed(everywhere(*twins))
    sample = dataset.first()

    def found(video, sampled):
        return read_boxes(dataset, sample.id, "found", video, sampled)

    video = Video.open(sample.filepath)
    (answer,), _ = Pipeline(fake_encoder, e3m.E3MConfig()).run(video, found, [RED])
    assert sorted(answer.tracks.name) == ["1", "2"]
    assert (answer.tracks.kind == DETECTED).all()


def test_a_filter_of_the_view_counts_for_tracks_and_masks(boxed, ground):
    both = everywhere(lambda i: red(i, index=1, mask=np.eye(3)), lambda i: box(BELOW, index=2))
    dataset = boxed(both)
    view = dataset.filter_labels("frames.found", F("index") == 2)
    assert {found.track for found in grounded(ground, view, RED).values()} == {"2"}

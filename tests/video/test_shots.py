"""Tests where shots begin: at the exact frame of a hard cut, and never where things only move."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.video import CutFinder, Video, shot_numbers
from fiftyone_e3m.video.shots import SHORTEST

STREET, BEACH = (60, 90, 60), (220, 200, 120)


@pytest.fixture(scope="session")
def cuts_of(tmp_path_factory, draw_video):
    """`cuts_of(frames)`: the cuts of a drawn video."""
    folder = tmp_path_factory.mktemp("shots")

    def find(frames):
        video = Video.open(draw_video(folder / "v.mp4", frames))
        finder = CutFinder()
        for _, frame in video.read(np.arange(video.frame_count)):
            finder.show(frame)
        return finder.cuts

    return find


def place(colour, x=40, size=(160, 120)):
    """A dark object in front of a coloured background."""
    image = np.full((size[1], size[0], 3), colour, np.uint8)
    image[size[1] // 3 : size[1] // 2, x : x + 30] = 20
    return image


def panorama(seed, n, speed=3):
    """Frames of a camera that pans over a landscape."""
    rng = np.random.default_rng(seed)
    scene = cv2.resize(rng.integers(0, 256, (12, 60, 3), np.uint8), (1000, 120))
    return [scene[:, speed * t : speed * t + 160] for t in range(n)]


@pytest.mark.parametrize("first", [7, 12, 20])
def test_a_hard_cut_is_found_at_its_frame(cuts_of, first):
    assert cuts_of([place(STREET)] * first + [place(BEACH)] * (30 - first)) == [first]


def test_every_cut_is_found(cuts_of):
    frames = [place(STREET)] * 12 + [place(BEACH)] * 9 + [place(STREET, x=90)] * 11
    assert cuts_of(frames) == [12, 21]


@pytest.mark.parametrize("first", [SHORTEST, 28, 29])
def test_a_cut_near_the_ends_is_found(cuts_of, first):
    assert cuts_of([place(STREET)] * first + [place(BEACH)] * (30 - first)) == [first]


def test_a_cut_between_two_moving_cameras_is_found(cuts_of):
    assert cuts_of(panorama(0, 25) + panorama(1, 25)) == [25]


def test_a_camera_that_moves_makes_no_cut(cuts_of):
    assert cuts_of(panorama(0, 50)) == []


def test_an_object_that_moves_makes_no_cut(cuts_of):
    assert cuts_of([place(STREET, x=4 * t) for t in range(30)]) == []


def test_an_object_that_enters_makes_no_cut(cuts_of):
    frames = [place(STREET, x=130)] * 10
    frames += [place(STREET, x=max(0, 130 - 9 * t)) for t in range(15)]
    assert cuts_of(frames) == []


def test_a_flash_is_no_shot_of_its_own(cuts_of):
    frames = [place(STREET)] * 10 + [place(BEACH)] * 2 + [place(STREET)] * 15
    assert len(cuts_of(frames)) <= 1


@pytest.mark.parametrize("gain", [0.6, 1.5])
@pytest.mark.parametrize("n", [1, 3, 8])
def test_a_change_of_exposure_is_no_cut(cuts_of, gain, n):
    frames = np.array(panorama(0, 40, speed=1))
    frames[16 : 16 + n] = np.clip(frames[16 : 16 + n] * gain, 0, 255)
    assert cuts_of(list(frames)) == []


@pytest.mark.parametrize("n", [8, 16, 24, 40])
def test_a_dissolve_is_cut_in_its_middle(cuts_of, n):
    before, after = np.array(panorama(0, 30 + n, 0)), np.array(panorama(1, 30 + n, 0))
    share = np.clip((np.arange(30 + n) - 15) / n, 0, 1)[:, None, None, None]
    (cut,) = cuts_of(list(((1 - share) * before + share * after).astype(np.uint8)))
    assert cut == pytest.approx(15 + n / 2, abs=max(3, n // 5))


def test_light_that_grows_slowly_is_no_dissolve(cuts_of):
    frames = np.array(panorama(0, 60, speed=1))
    frames = frames * np.linspace(0.3, 1, 60)[:, None, None, None]
    assert cuts_of(list(frames.astype(np.uint8))) == []


@pytest.mark.parametrize("n", [1, 2, SHORTEST])
def test_a_video_shorter_than_a_shot_is_one(cuts_of, n):
    assert cuts_of([place(STREET)] * (n - n // 2) + [place(BEACH)] * (n // 2)) == []


def test_a_black_video_is_one_shot(cuts_of):
    assert cuts_of([np.zeros((120, 160, 3), np.uint8)] * 20) == []


@pytest.mark.parametrize("size", [(64, 48), (640, 360), (48, 640)])
def test_the_size_of_the_frame_does_not_matter(cuts_of, size):
    frames = [place(STREET, 10, size)] * 10 + [place(BEACH, 10, size)] * 10
    assert cuts_of(frames) == [10]


def test_a_stream_may_change_its_size_on_the_way():
    finder = CutFinder()
    for size in [(160, 120)] * 10 + [(160, 90)] * 10:
        finder.show(np.full((size[1], size[0], 3), STREET, np.uint8))
    assert finder.cuts == []


# From cuts to the shots of the sampled frames

SAMPLED = np.array([0, 5, 10, 15])


@pytest.mark.parametrize(
    ("cuts", "numbers"),
    [
        ([], [0, 0, 0, 0]),
        ([5], [0, 1, 1, 1]),
        ([6], [0, 0, 1, 1]),
        ([6, 11], [0, 0, 1, 2]),
        ([6, 8], [0, 0, 1, 1]),
        ([16], [0, 0, 0, 0]),
    ],
    ids=["none", "on a frame", "behind it", "two", "a shot nobody looked at", "after the last"],
)
def test_a_frame_belongs_to_the_shot_that_began_last(cuts, numbers):
    assert shot_numbers(SAMPLED, cuts).tolist() == numbers


@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=15, unique=True).map(sorted),
    st.lists(st.integers(1, 99), max_size=8, unique=True).map(sorted),
)
def test_two_frames_share_a_shot_if_no_cut_lies_between(sampled, cuts):
    shot = shot_numbers(np.array(sampled), cuts)
    assert shot[0] == 0
    assert set(np.diff(shot)) <= {0, 1}
    for (a, p), (b, q) in zip(
        zip(sampled, shot, strict=True), zip(sampled[1:], shot[1:], strict=True), strict=False
    ):
        assert (p == q) == (not any(a < cut <= b for cut in cuts))

"""Tests that the requested frame is the one returned, and that bad files give clear errors.

All boxes are stored by frame number, so an off-by-one error corrupts a dataset silently. Each frame
of the test videos shows its number as black and white blocks.
"""

import os
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.video import TruncatedVideoError, Video, VideoError, file

from .numbered import BITS, number_in, numbered

N = 60


def read_numbers(path, frames):
    """The numbers shown by the frames returned for `frames`."""
    read = list(Video.open(path).read(np.array(frames, int)))
    assert [i for i, _ in read] == list(range(len(frames)))
    return [number_in(image) for _, image in read]


@pytest.fixture(scope="module", params=[("mp4", "mp4v"), ("avi", "MJPG"), ("mkv", "mp4v")], ids=str)
def numbers(request, tmp_path_factory, draw_video):
    """A video of N numbered frames."""
    suffix, codec = request.param
    path = tmp_path_factory.mktemp("numbers") / f"numbers.{suffix}"
    return draw_video(path, map(numbered, range(N)), fps=25, codec=codec)


@pytest.fixture
def cut_off(tmp_path, draw_video):
    """A video of N numbered frames whose file is cut off at the end."""
    whole = draw_video(tmp_path / "whole.avi", map(numbered, range(N)), codec="MJPG")
    path = tmp_path / "cut off.avi"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return path


def about(frame_count, frame_rate):
    return Video(Path("any.mp4"), frame_count, frame_rate, 640, 360)


# Returned frames


def test_what_a_file_is(numbers):
    video = Video.open(numbers)
    assert (video.frame_count, video.frame_rate) == (N, 25)
    assert (video.width, video.height) == (BITS * 16, 64)
    assert video.duration == pytest.approx(N / 25)


def test_all_frames_come_in_order(numbers):
    assert read_numbers(numbers, range(N)) == list(range(N))


@settings(max_examples=15, deadline=None)
@given(wanted=st.sets(st.integers(0, N - 1)))
def test_exactly_the_frames_asked_for_come(numbers, wanted):
    assert read_numbers(numbers, sorted(wanted)) == sorted(wanted)


def test_frames_are_rgb(tmp_path, draw, draw_video):
    path = draw_video(tmp_path / "red.mp4", [{"red": (0, 0, 160, 120)}])
    ((_, frame),) = Video.open(path).read(np.array([0]))
    assert np.abs(frame.astype(int) - draw({"red": (0, 0, 160, 120)})).max() < 10


def test_a_video_of_one_frame(tmp_path, draw_video):
    path = draw_video(tmp_path / "one.mp4", [numbered(7)])
    video = Video.open(path)
    assert video.frame_count == 1
    assert video.sample(5, 200).tolist() == [0]
    assert read_numbers(path, [0]) == [7]


def test_a_stream_that_does_not_announce_its_length_is_counted(tmp_path, draw_video):
    path = draw_video(tmp_path / "stream.mjpeg", map(numbered, range(N)), codec="MJPG")
    capture = cv2.VideoCapture(str(path))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) < 1
    capture.release()
    assert Video.open(path).frame_count == N
    assert read_numbers(path, [0, 31, N - 1]) == [0, 31, N - 1]


def test_a_video_filmed_upright_is_upright(tmp_path, draw_video):
    """Phones store portrait videos as landscape, with a rotation flag."""
    lying = draw_video(tmp_path / "lying.mp4", [{"red": (0, 0, 40, 30)}], size=(160, 120))
    file = bytearray(lying.read_bytes())
    matrix = file.index(b"tkhd") + 44
    one = 1 << 16
    file[matrix : matrix + 36] = struct.pack(">9i", 0, one, 0, -one, 0, 0, 120 * one, 0, 1 << 30)
    path = tmp_path / "upright.mp4"
    path.write_bytes(file)
    video = Video.open(path)
    ((_, frame),) = video.read(np.array([0]))
    assert (video.width, video.height) == (120, 160)
    assert frame.shape == (160, 120, 3)
    red = frame[..., 0] > 150
    assert red[:38, 92:].all()
    assert not red[42:].any()
    assert not red[:, :88].any()


@pytest.mark.parametrize("name", ["a b.mp4", "50%.mp4", "frame_%03d.mp4", "a#b?c.mp4", "schön.mp4"])
def test_odd_file_names_are_read(tmp_path, draw_video, name):
    written = draw_video(tmp_path / "plain.mp4", map(numbered, range(3)))
    path = written.rename(tmp_path / name)
    assert read_numbers(path, [0, 2]) == [0, 2]


def test_a_colon_in_a_relative_name_is_no_protocol(tmp_path, draw_video, monkeypatch):
    draw_video(tmp_path / "plain.mp4", [numbered(5)]).rename(tmp_path / "12:30.mp4")
    monkeypatch.chdir(tmp_path)
    assert read_numbers("12:30.mp4", [0]) == [5]


@pytest.mark.shared
def test_real_clips_have_the_length_and_size_they_should(shared_data, shared_clip):
    for folder in sorted((shared_data / "clips").glob("*/boxes.json")):
        path, clip = shared_clip(folder.parent.name)
        video = Video.open(path)
        assert video.frame_count == clip["frame_count"], path
        assert video.frame_rate == pytest.approx(clip["fps"], abs=0.01), path
        assert (video.width, video.height) == (clip["width"], clip["height"]), path


@pytest.mark.shared
def test_skipping_in_a_real_clip_gives_the_frames_of_reading_through(shared_clip):
    path, _ = shared_clip("davis_car-shadow")
    video = Video.open(path)
    through = dict(video.read(np.arange(video.frame_count)))
    wanted = np.array([0, 7, 8, 21, video.frame_count - 1])
    assert len(through) == video.frame_count
    for i, frame in video.read(wanted):
        assert (frame == through[wanted[i]]).all()


# Sampled frames


@pytest.mark.parametrize(
    ("rate", "first"),
    [
        (25, [0, 5, 10, 15, 20, 25]),
        (29.97, [0, 6, 12, 18, 24, 30]),
        (24, [0, 5, 10, 14, 19, 24]),
        (10, [0, 2, 4, 6, 8, 10]),
        (5, [0, 1, 2, 3, 4, 5]),
        (4, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_five_frames_a_second(rate, first):
    assert about(100, rate).sample(5, 200)[:6].tolist() == first


@given(
    count=st.integers(1, 3000),
    rate=st.sampled_from([5, 10, 23.976, 24, 25, 29.97, 30, 50, 59.94]) | st.floats(0.5, 240),
    fps=st.floats(0.1, 60),
)
def test_samples_lie_where_their_second_is(count, rate, fps):
    sampled = about(count, rate).sample(fps, 10**6)
    fps = min(fps, rate)
    seconds = np.arange(len(sampled)) / fps
    assert np.abs(sampled - seconds * rate).max() <= 0.5 + 1e-6
    assert sampled[-1] <= count - 1
    assert count - 1 - sampled[-1] <= rate / fps  # nothing is left out at the end


@given(
    count=st.integers(1, 3000),
    rate=st.sampled_from([5, 10, 25, 29.97, 59.94]),
    fps=st.floats(0.1, 60),
    most=st.integers(1, 300),
)
def test_thinning_keeps_the_first_frame_and_even_steps(count, rate, fps, most):
    video = about(count, rate)
    everything, thinned = video.sample(fps, 10**6), video.sample(fps, most)
    assert len(thinned) == min(most, len(everything))
    assert thinned[0] == 0
    assert np.isin(thinned, everything).all()
    kept = np.append(np.searchsorted(everything, thinned), len(everything))
    steps = np.diff(kept)  # the last one is the remainder
    assert steps.min() >= 1
    assert np.ptp(steps) <= 1


# Bad files


@pytest.mark.parametrize("wanted", [[50, 51, 59], [0, 1, 30, 58], [59]], ids=str)
def test_long_gaps_are_sought_over_to_the_same_frames(numbers, wanted, monkeypatch):
    decoded, pictures = [], file.pictures

    def counted(*where):
        for picture in pictures(*where):
            decoded.append(picture.pts)
            yield picture

    monkeypatch.setattr(file, "pictures", counted)
    assert read_numbers(numbers, wanted) == wanted
    all_of_them = len(decoded)
    monkeypatch.setattr(file, "FAR", 10)
    decoded.clear()
    assert read_numbers(numbers, wanted) == wanted
    assert len(decoded) < all_of_them - 5


def test_a_peek_is_the_frame_that_reading_gives(numbers):
    video = Video.open(numbers)
    for number in (0, 7, video.frame_count - 1):
        ((_, frame),) = video.read(np.array([number]))
        assert (video.peek(number) == frame).all()


def test_a_peek_past_the_end_is_told(numbers):
    with pytest.raises(TruncatedVideoError):
        Video.open(numbers).peek(10_000)


def test_a_video_whose_pictures_are_damaged_is_told_so(tmp_path, draw_video):
    path = draw_video(tmp_path / "damaged.mp4", map(numbered, range(3)))
    file = bytearray(path.read_bytes())
    start = file.index(b"mdat") + 4
    length = struct.unpack(">I", file[start - 8 : start - 4])[0] - 8
    file[start : start + length] = bytes(length)
    path.write_bytes(file)
    with pytest.raises(VideoError, match=r"damaged\.mp4 holds no frame"):
        Video.open(path)


def test_a_cut_off_file_says_how_many_frames_it_has(cut_off):
    video = Video.open(cut_off)
    assert 0 < video.frame_count < N
    assert video.frame_count + video.missing == N
    shown = []
    with pytest.raises(
        TruncatedVideoError, match=r"cut off\.avi announces 60 frames, of which"
    ) as error:
        shown.extend(number_in(frame) for _, frame in video.read(np.arange(N)))
    decoded = error.value.decoded
    assert 0 < decoded < N
    assert f"only {decoded} are there:" in str(error.value)
    assert shown == list(range(decoded))


def test_a_cut_off_file_says_the_same_when_frames_are_skipped(cut_off):
    video = Video.open(cut_off)
    with pytest.raises(TruncatedVideoError) as through:
        list(video.read(np.arange(N)))
    with pytest.raises(TruncatedVideoError) as skipping:
        list(video.read(np.array([0, N - 1])))
    assert skipping.value.decoded == through.value.decoded


def test_the_part_before_the_cut_can_be_read(cut_off):
    with pytest.raises(TruncatedVideoError) as error:
        list(Video.open(cut_off).read(np.arange(N)))
    last = error.value.decoded - 1
    assert read_numbers(cut_off, [0, 3, last]) == [0, 3, last]


@pytest.mark.shared
def test_a_real_download_that_was_cut_off_says_how_many_frames_it_has(shared_clip, tmp_path):
    clip, about_clip = shared_clip("davis_camel")
    path = tmp_path / "download.mp4"
    path.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    video = Video.open(path)
    announced = about_clip["frame_count"]
    assert video.frame_count + video.missing == announced
    came = []
    with pytest.raises(TruncatedVideoError) as error:
        came.extend(i for i, _ in video.read(np.arange(announced)))
    assert 20 < len(came) == error.value.decoded < announced
    with pytest.raises(TruncatedVideoError, match=f"only {len(came)} are there:"):
        list(video.read(np.array([0, announced - 1])))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_no_file_is_held_open(numbers, cut_off):
    def is_open(path):
        handles = Path("/proc/self/fd").iterdir()
        return any(os.path.realpath(handle) == str(path.resolve()) for handle in handles)

    for _ in range(20):
        video = Video.open(numbers)
    assert not is_open(numbers)
    some = video.read(np.array([0, 1, 2]))
    next(some)
    assert is_open(numbers)
    some.close()
    assert not is_open(numbers)
    with pytest.raises(TruncatedVideoError):
        list(Video.open(cut_off).read(np.array([N - 1])))
    assert not is_open(cut_off)

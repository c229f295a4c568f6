"""Pins what is noticed of a damaged file, and that healthy ones are not taken for it."""

import numpy as np
import pytest

from fiftyone_e3m.video import Video
from fiftyone_e3m.video.contents import Part
from fiftyone_e3m.video.damage import gaps

from ..films import announce, packets, spoil
from .numbered import number_in

N = 36
FPS = 30
CELL = 188
"""Bytes of which a transport stream is made."""
LOST = 28
"""Cells that damage takes. FFmpeg counts those of a track to 16, and misses no multiple of it; some
of these are of other tracks."""


def test_a_picture_that_cannot_be_decoded_costs_only_itself(tmp_path, film, numbers):
    pictures = numbers(N)
    path = film(tmp_path / "noise.mp4", pictures, codec="mjpeg", fps=FPS, strict="unofficial")
    damaged = packets(path)[20]
    spoil(path, damaged.pos, damaged.size)
    video = Video.open(path)
    assert (video.frame_count, video.missing) == (N, 0)
    reading = video.read(np.arange(N))
    frames = [frame for _, frame in reading]
    assert reading.lost == [20]
    assert (frames[20] == frames[19]).all()
    for i in [*range(20), *range(21, N)]:
        assert np.abs(frames[i].astype(int) - pictures[i]).mean() < 12, f"frame {i}"


def test_noise_in_the_middle_loses_few_pictures(tmp_path, film):
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 256, (64, 128, 3), np.uint8) for _ in range(N)]
    path = film(tmp_path / "noise.mp4", pictures, g="6", sc_threshold="0")
    spoil(path, path.stat().st_size // 2, 4096)
    video = Video.open(path)
    reading = video.read(np.arange(N))
    assert len(list(reading)) == video.frame_count == N
    assert len(reading.lost) <= 6


def test_pictures_after_one_that_is_lost_may_look_wrong(tmp_path, film, moving):
    path = film(tmp_path / "lost.mp4", moving, codec="mpeg2video", g="60")
    lost = packets(path)[20]
    spoil(path, lost.pos, lost.size)
    _, reading = read(path)
    assert reading.lost == [20]
    assert reading.doubtful == list(range(21, 60))


@pytest.fixture(scope="module")
def moving():
    """Four seconds of a moving texture."""
    texture = np.random.default_rng(1).integers(96, 160, (192, 640, 3), np.uint8)
    return [np.ascontiguousarray(np.roll(texture, 2 * i, 1)[:, :320]) for i in range(120)]


def read(path):
    """All frames of a video, and the reading that gave them."""
    video = Video.open(path)
    reading = video.read(np.arange(video.frame_count))
    return np.array([frame for _, frame in reading]), reading


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("h264.mp4", "libx264"),
        ("h264.mkv", "libx264"),
        ("h264.ts", "libx264"),
        ("mpeg2.mkv", "mpeg2video"),
    ],
)
def test_pictures_that_noise_changed_are_known(tmp_path, film, moving, name, codec):
    path = film(tmp_path / name, moving, codec=codec, g="60")
    before, _ = read(path)
    key = [packet for packet in packets(path) if packet.is_keyframe][1]
    spoil(path, key.pos + key.size // 2, 300)
    after, reading = read(path)
    assert (len(after), reading.lost) == (120, [])
    changed = np.flatnonzero((after != before).any((1, 2, 3))).tolist()
    assert changed
    assert set(changed) <= set(reading.doubtful)
    assert len(reading.doubtful) <= 61, "others are not doubted"


def spoilt(path, i, size):
    """A video of 120 pictures with noise from the head of packet `i` on, which takes some."""
    spoil(path, packets(path)[i].pos - 20, size)
    video = Video.open(path)
    assert video.frame_count < 120
    assert video.frame_count + video.missing == 120
    return video


def test_what_noise_took_from_a_matroska_file_is_missing(tmp_path, film, moving):
    path = film(tmp_path / "noise.mkv", moving, codec="mpeg2video", g="60")
    assert spoilt(path, 90, 4096).frame_count < 100


def test_longer_sound_is_not_taken_for_pictures_that_are_missing(tmp_path, film, moving):
    path = film(tmp_path / "sound.mkv", moving, g="60", sound=(0, 9))
    assert Video.open(path).missing == 0
    spoilt(path, 110, 400)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_pictures_that_noise_took_from_the_middle_of_an_avi_file_are_missing(
    tmp_path, film, moving, codec
):
    path = film(tmp_path / "noise.avi", moving, codec=codec, g="60")
    announce(path, 50_000_000)
    assert Video.open(path).missing == 0
    spoilt(path, 60, 400)


def lose(path):
    """Puts zeros into a transport stream, from somewhere before its middle on."""
    spoil(path, int(0.35 * path.stat().st_size) // CELL * CELL, LOST * CELL, byte=0)


@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
def test_pictures_that_damage_took_from_a_transport_stream_are_counted(
    tmp_path, film, moving, codec
):
    path = film(tmp_path / "noise.ts", moving, codec=codec, g="60")
    lose(path)
    frames, reading = read(path)
    n_missing = 120 - len(frames)
    assert n_missing > 1
    assert f"about {n_missing} of 120 pictures are missing" in reading.schedule.notes[0]
    assert reading.doubtful


def test_a_step_that_is_too_short_does_not_count_as_a_picture_less():
    def parts(times, corrupt):
        return [Part(t, t, 1, False, t == corrupt, False, 0) for t in times]

    even = list(range(0, 100_000, 1000))
    assert gaps("a.ts", parts(sorted([*even, 50_400]), 20_000)) == ()
    even.remove(20_000)
    (note,) = gaps("a.ts", parts(sorted([*even, 50_400]), 21_000))
    assert "about 1 of 101 pictures are missing" in note


def test_what_is_left_of_a_picture_without_a_time_is_not_missing():
    left = [Part(t, t, 1, False, t == 4, False, 0) for t in range(100) if t not in (5, 6, 7)]
    without = Part(None, None, 0, False, False, False, 0)
    (note,) = gaps("a.ts", [*left[:5], without, *left[5:]])
    assert "about 2 of 100 pictures are missing" in note


@pytest.mark.parametrize(("pause", "at"), [(0.5, 60), (3600, 90)])
def test_a_pause_in_a_damaged_transport_stream_is_no_damage(tmp_path, film, moving, pause, at):
    times = np.arange(120) / FPS + np.where(np.arange(120) < at, 0, pause)
    path = film(tmp_path / "pause.ts", moving, times=times, g="60")
    assert (Video.open(path).frame_count, Video.open(path).notes) == (120, ())
    lose(path)
    n = Video.open(path).frame_count
    assert 100 < n < 119
    assert f"about {120 - n} of 120 pictures are missing" in Video.open(path).notes[0]


def test_pictures_of_uneven_rate_are_not_missing_in_a_transport_stream(tmp_path, film, moving):
    times = np.cumsum([1, 1, 3] * 40) / FPS
    path = film(tmp_path / "uneven.ts", moving, times=times, g="60")
    lose(path)
    frames, reading = read(path)
    assert len(frames) < 119
    assert (bool(reading.doubtful), reading.schedule.notes) == (True, ())


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv", "cut.avi"])
def test_a_file_that_was_cut_off_is_told_from_one_that_is_whole(tmp_path, film, name):
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    options = {"movflags": "faststart"} if name.endswith("mp4") else {}
    noise = np.random.default_rng(0).integers(0, 256, (N, 64, 128, 3), np.uint8)
    path = film(tmp_path / name, noise, codec=codec, options=options)
    assert Video.open(path).missing == 0
    whole, _ = read(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    video = Video.open(path)
    assert video.frame_count + video.missing == N
    assert video.missing > 4
    there, _ = read(path)
    assert (there == whole[: len(there)]).all()


def test_a_segment_that_a_download_left_out_is_missing(tmp_path, film, moving):
    path = film(tmp_path / "left_out.ts", moving, g="30", sc_threshold="0")
    keys = [packet.pos // CELL * CELL for packet in packets(path) if packet.is_keyframe]
    begin, end = keys[1:3]
    content = path.read_bytes()
    path.write_bytes(content[:begin] + content[end:])
    video = Video.open(path)
    assert (video.frame_count, video.missing) == (90, 0)
    assert "about 30 of 120 pictures are missing" in video.notes[0]


def test_a_lost_picture_does_not_shift_those_that_are_counted(tmp_path, film, numbers):
    """It is known to be lost some pictures later, and what comes between is one lower."""
    path = film(tmp_path / "lost.avi", numbers(120), bf="2", g="30", sc_threshold="0")
    lost = packets(path)[50]
    spoil(path, lost.pos + 8, lost.size - 8, byte=255)
    video = Video.open(path)
    reading = video.read(np.arange(video.frame_count))
    found = [number_in(image) for _, image in reading]
    assert len(reading.lost) == 1
    assert 50 <= reading.lost[0] < 70
    assert found[:48] == list(range(48))
    assert found[70:] == list(range(70, 120))
    assert set(reading.doubtful) <= set(range(50, 90))


# Healthy


def test_transport_streams_that_were_joined_whole_are_nothing_to_remark_on(tmp_path, film, moving):
    """The second begins an hour after the first."""
    first = film(tmp_path / "first.ts", moving, bf="2")
    second = film(tmp_path / "second.ts", moving, times=3600 + np.arange(120) / FPS, bf="2")
    path = tmp_path / "joined.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    frames, reading = read(path)
    assert len(frames) == 240
    assert (reading.lost, reading.doubtful, reading.schedule.notes) == ([], [], ())


@pytest.mark.parametrize("fps", [15, 60])
def test_a_matroska_file_whose_times_are_rounded_is_whole(tmp_path, film, moving, fps):
    path = film(tmp_path / "rounded.mkv", moving[:101], fps=fps, sound=(0, 6.75), sounds="ac3")
    assert (Video.open(path).frame_count, Video.open(path).missing) == (101, 0)


def test_a_piped_avi_file_is_whole(tmp_path, film, moving):
    """Nobody knew its size and its number of frames when its header was written."""
    path = film(tmp_path / "piped.avi", moving, codec="mpeg4")
    spoil(path, 4, 4, byte=255)
    announce(path, 1 << 30)
    assert (Video.open(path).frame_count, Video.open(path).missing) == (120, 0)


@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
def test_a_transport_stream_cut_out_of_a_longer_one_is_nothing_to_remark_on(
    tmp_path, film, moving, codec
):
    """It begins and ends within packets, and with pictures whose keyframe is elsewhere."""
    path = film(tmp_path / "part.ts", moving, codec=codec, g="30", bf="2")
    content = path.read_bytes()
    begin, end = ((packets(path)[i].pos // CELL + 5) * CELL for i in (10, 100))
    path.write_bytes(content[begin:end])
    frames, reading = read(path)
    assert len(frames) > 60
    assert (reading.doubtful, reading.schedule.notes) == ([], ())


def test_a_matroska_file_whose_tag_of_the_duration_is_wrong_is_whole(tmp_path, film, moving):
    path = film(tmp_path / "tag.mkv", moving)
    content = path.read_bytes()
    assert content.count(b"00:00:04.000") == 1
    path.write_bytes(content.replace(b"00:00:04.000", b"00:00:09.000"))
    assert Video.open(path).missing == 0


def test_an_avi_file_that_leaves_out_pictures_is_whole(tmp_path, film, numbers):
    """Empty chunks stand for them."""
    times = np.where(np.arange(N) < 20, 0, 10) / FPS + np.arange(N) / FPS
    path = film(tmp_path / "left_out.avi", numbers(N), times=times, codec="mjpeg", strict="-1")
    video = Video.open(path)
    assert (video.frame_count, video.missing, video.notes) == (N, 0, ())

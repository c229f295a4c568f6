"""Pins that every kind of healthy file is read whole and rightly, frame by frame.

Each picture shows its number. What a browser shows of the same kinds is pinned in
tests/browser/test_player.py.
"""

import resource
import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from fiftyone_e3m.video import Video, VideoError, clock

from ..films import announce, excerpt

N = 36
FPS = 30
VOP = b"\0\0\1\xb6"
"""Begins a picture of MPEG-4."""
SECOND = np.arange(N) / FPS


def player(times, end, rate):
    """Pictures that FiftyOne's player shows in frames 1, 2, ... up to `end` seconds."""
    seeks = (np.arange(round(end * rate)) + 0.01) / rate
    return [max(0, int(np.searchsorted(times, t + 1e-9, side="right")) - 1) for t in seeks]


@pytest.fixture
def whole(shown):
    """Checks that a file is read whole and in order, and nothing doubted."""

    def check(path):
        video = Video.open(path)
        reading = video.read(np.arange(video.frame_count))
        assert len(list(reading)) == video.frame_count
        assert (reading.lost, reading.doubtful, video.missing) == ([], [], 0)
        assert shown(video) == list(range(N))
        return video

    return check


# Interlaced


@pytest.mark.parametrize(
    ("name", "codec", "encoder"),
    [
        ("h264.mp4", "libx264", {"x264-params": "tff=1"}),
        ("h264.ts", "libx264", {"x264-params": "bff=1"}),
        ("mpeg2.ts", "mpeg2video", {"flags": "+ildct+ilme"}),
        ("mpeg2.mpg", "mpeg2video", {"flags": "+ildct+ilme", "bf": "2"}),
        ("mpeg2.mkv", "mpeg2video", {"flags": "+ildct+ilme"}),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_interlaced_video_is_read_rightly(tmp_path, film, numbers, shown, name, codec, encoder):
    path = film(tmp_path / name, numbers(N), codec=codec, **encoder)
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).interlaced_frame
    video = Video.open(path)
    assert (video.frame_count, video.frame_rate) == (N, FPS)
    assert shown(video) == list(range(N))


# Numbers by time


def test_a_video_that_begins_late_shows_its_first_picture_until_then(
    tmp_path, film, numbers, shown
):
    video = Video.open(film(tmp_path / "late.mp4", numbers(N), times=1.5 + SECOND))
    assert shown(video) == [0] * 45 + list(range(N))
    (note,) = video.notes
    assert "The first picture of late.mp4 comes 1.5 s late" in note
    assert "45 lower" in note


def test_a_video_that_begins_after_its_sound_is_numbered_from_the_sound(
    tmp_path, film, numbers, shown
):
    path = film(tmp_path / "after.mp4", numbers(N), times=2 + SECOND, sound=(0, 3))
    video = Video.open(path)
    assert shown(video) == [0] * 60 + list(range(N))
    assert "60 lower" in video.notes[0]


def test_a_fragmented_video_begins_where_its_timestamps_say(tmp_path, film, numbers, shown):
    fragmented = {"movflags": "frag_keyframe+empty_moov"}
    video = Video.open(film(tmp_path / "parts.mp4", numbers(N), options=fragmented))
    assert shown(video) == [0, 0, *range(N)]
    assert "2 lower" in video.notes[0]


@pytest.mark.parametrize(
    ("name", "encoder"),
    [("uneven.mp4", {}), ("uneven.mkv", {}), ("might_reorder.mkv", {"bf": "2", "g": "1"})],
)
def test_pictures_that_are_not_evenly_spaced_are_numbered_by_time(
    tmp_path, film, numbers, shown, name, encoder
):
    times = np.cumsum([0, *[1, 1, 1, 4] * 8, 1, 1, 1]) / 25  # whole milliseconds, as in Matroska
    video = Video.open(film(tmp_path / name, numbers(N), times=times, fps=25, **encoder))
    end = times[-1] + 1 / 25
    assert video.missing == 0
    assert video.duration == pytest.approx(end, abs=1 / video.frame_rate)
    found, expected = shown(video), player(times, end, video.frame_rate)
    assert found == expected[: len(found)]
    assert len(expected) - len(found) <= 1
    assert "not evenly spaced" in video.notes[0]


def test_timestamps_that_cannot_be_right_are_not_believed(tmp_path, film, numbers, shown):
    times = np.r_[SECOND[:-1], 100_000]
    video = Video.open(film(tmp_path / "leap.mkv", numbers(N), times=times))
    assert shown(video) == list(range(N))
    assert "its timestamps were not believed" in video.notes[0]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("h264.avi", "libx264"), ("h264.asf", "libx264"), ("mpeg2.asf", "mpeg2video")],
)
def test_pictures_are_counted_if_the_file_only_tells_when_they_are_decoded(
    tmp_path, film, numbers, whole, name, codec
):
    whole(film(tmp_path / name, numbers(N), codec=codec, bf="2"))


def test_nothing_is_decoded_to_number_an_ordinary_file(tmp_path, film, numbers, monkeypatch):
    path = film(tmp_path / "plain.mp4", numbers(N), bf="2")
    monkeypatch.setattr(clock, "in_order", None)
    assert Video.open(path).frame_count == N


@pytest.mark.parametrize("name", ["late.avi", "late.asf"])
def test_pictures_are_counted_though_the_order_changes_late(tmp_path, film, numbers, shown, name):
    """An encoder may take B pictures only after a while, or another one have made the rest."""
    parts = [
        film(tmp_path / f"{bf}.264", numbers(250)[:n], bf=bf, options={"format": "h264"})
        for bf, n in (("0", 130), ("2", 120))
    ]
    joined, path = tmp_path / "joined.264", tmp_path / name
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    with av.open(str(joined)) as whole, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(whole.streams.video[0])
        mux_in_turn(out, stream, [packet for packet in whole.demux(video=0) if packet.size])
    assert shown(Video.open(path)) == [*range(130), *range(120)]


@pytest.mark.parametrize("pack", [True, False])
def test_video_as_xvid_makes_it_is_counted(tmp_path, numbers, whole, pack):
    """Two pictures in one packet and a placeholder behind, or unpacked without times of showing."""
    path = tmp_path / ("packed.avi" if pack else "unpacked.mp4")
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", FPS, options={"bf": "2"})
        stream.height, stream.width, stream.pix_fmt = *numbers(1)[0].shape[:2], "yuv420p"
        frames = [av.VideoFrame.from_ndarray(image, format="rgb24") for image in numbers(N)]
        contents = [bytes(p) for frame in [*frames, None] for p in stream.encode(frame)]
        packets = [av.Packet(data) for data in (packed(contents) if pack else contents)]
        for packet in packets:
            packet.is_keyframe = kind_of(bytes(packet)) == "I"
        mux_in_turn(out, stream, packets)
    video = whole(path)
    assert ("only when they are decoded" in str(video.notes)) != pack


def mux_in_turn(out, stream, packets):
    """Writes packets whose timestamps are those of decoding."""
    for i, packet in enumerate(packets):
        packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, FPS), i, i
        out.mux(packet)


def kind_of(data):
    """The kind of the first MPEG-4 picture of a packet."""
    return "IPB"[data[data.index(VOP) + 4] >> 6]


def packed(packets):
    """Each picture with the B picture behind it in one packet, as programs for DivX did."""
    groups = []
    for data in packets:
        if kind_of(data) != "B":
            groups.append([])
        groups[-1].append(data)
    for picture, *between in groups:
        if between:
            yield b"\0\0\1\xb2DivX503b1393p" + picture + between[0]
            yield from between[1:]
            yield VOP + b"\x50\x4f"  # says that there is no picture
        else:
            yield picture


@pytest.mark.parametrize("name", ["plain.mp4", "plain.mkv", "plain.ts", "plain.mpg", "plain.flv"])
def test_an_ordinary_video_is_nothing_to_remark_on(tmp_path, film, numbers, shown, name):
    codec = "mpeg2video" if name.endswith("mpg") else "libx264"
    video = Video.open(film(tmp_path / name, numbers(N), codec=codec))
    assert (video.frame_count, video.frame_rate) == (N, FPS)
    assert shown(video) == list(range(N))
    assert (video.missing, video.notes) == (0, ())


# Counts that headers tell


def test_a_copy_that_begins_between_keyframes_is_whole(tmp_path, film, numbers, shown):
    whole = film(tmp_path / "whole.mp4", numbers(N), g="12", sc_threshold="0")
    video = Video.open(excerpt(whole, tmp_path / "copy.mp4", 20 / FPS))
    assert shown(video) == list(range(20, N))
    assert (video.missing, video.notes) == (0, ())


def test_a_header_that_announces_too_few_frames_costs_none(tmp_path, draw_video, numbers, shown):
    path = draw_video(tmp_path / "few.avi", numbers(N), codec="MJPG")
    announce(path, 10)
    video = Video.open(path)
    assert shown(video) == list(range(N))
    assert video.missing == 0


def test_a_header_that_announces_too_many_frames_is_not_believed(
    tmp_path, draw_video, numbers, shown
):
    path = draw_video(tmp_path / "many.avi", numbers(N), codec="MJPG")
    announce(path, 50_000_000)
    video = Video.open(path)
    assert shown(video) == list(range(N))
    assert video.missing == 0


@pytest.mark.parametrize("name", ["many.mov", "many.mp4"])
def test_a_header_whose_index_would_fill_the_memory_is_refused(tmp_path, film, numbers, name):
    path = film(tmp_path / name, numbers(N))
    file = bytearray(path.read_bytes())
    for kind, *values in [(b"stsz", 1, 50_000_000), (b"stts", 1, 50_000_000, 1)]:
        at = file.index(kind) + 8
        file[at : at + 4 * len(values)] = struct.pack(f">{len(values)}I", *values)
    path.write_bytes(file)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(VideoError, match=r"announces 50,000,000 samples of a byte or more"):
        Video.open(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_fragments_whose_index_would_fill_the_memory_are_refused(tmp_path, film, numbers):
    path = tmp_path / "parts.mp4"
    film(path, numbers(N), options={"movflags": "frag_keyframe+empty_moov"})
    file = bytearray(path.read_bytes())
    at = file.index(b"trun") + 4
    file[at : at + 8] = struct.pack(">2I", 1, 50_000_000)  # nothing is listed for each
    path.write_bytes(file)
    with pytest.raises(VideoError, match=r"announces 50,000,000 samples of a byte or more"):
        Video.open(path)


def test_sound_whose_end_is_cut_off_does_not_cost_the_pictures(tmp_path, numbers):
    """It has a million samples and more, each announced, in chunks that are."""
    path = tmp_path / "sound.mov"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        picture, sound = (
            container.add_stream("libx264", FPS),
            container.add_stream("pcm_u8", 48_000),
        )
        picture.height, picture.width, picture.pix_fmt = *numbers(1)[0].shape[:2], "yuv420p"
        for image in numbers(N):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(picture.encode(None))
        for i in range(1200):
            heard = av.AudioFrame.from_ndarray(np.zeros((1, 1000), np.uint8), "u8", "mono")
            heard.rate, heard.pts = 48_000, 1000 * i
            container.mux(sound.encode(heard))
        container.mux(sound.encode(None))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert Video.open(path).frame_count == N


def test_transport_streams_that_were_joined_are_read_to_the_end(tmp_path, film, numbers, shown):
    pictures, path = numbers(N), tmp_path / "joined.ts"
    parts = [
        film(tmp_path / f"{i}.ts", pictures[i : i + 12], codec="mpeg2video") for i in (0, 12, 24)
    ]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    video = Video.open(path)
    assert shown(video) == list(range(N))


# Colours


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("space", ["bt709", "smpte170m", None])
@pytest.mark.parametrize("height", [64, 720])
def test_colours_are_those_of_the_picture(tmp_path, film, full, space, height):
    picture = np.zeros((height, 128, 3), np.uint8)
    picture[:, :64], picture[:, 64:] = (200, 40, 60), (30, 160, 60)
    params = {"colorprim": "bt709", "colormatrix": space} if space else {}
    params["range"] = "pc" if full else "tv"
    with av.open(str(tmp_path / "c.mp4"), "w") as out:
        text = ":".join(f"{name}={value}" for name, value in params.items())
        stream = out.add_stream("libx264", rate=FPS, options={"x264-params": text, "qp": "1"})
        stream.width, stream.height = 128, height
        stream.pix_fmt = "yuvj420p" if full else "yuv420p"
        matrix = "ITU709" if space == "bt709" or (space is None and height == 720) else "ITU601"
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
            format=stream.pix_fmt,
            dst_colorspace=matrix,
            dst_color_range="JPEG" if full else "MPEG",
        )
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    ((_, frame),) = Video.open(tmp_path / "c.mp4").read(np.array([0]))
    for x in (20, 100):
        assert np.abs(frame[height // 2, x].astype(int) - picture[0, x]).max() <= 4

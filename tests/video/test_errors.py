"""Tests that a file that cannot be read is told by its name, the true reason, and what to do."""

import os
import stat

import pytest

from fiftyone_e3m.video import Video, VideoError


def reason(path):
    with pytest.raises(VideoError) as error:
        Video.open(path)
    return str(error.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "0 bytes"), (b"This is a shopping list.\n" * 20, "not a video"), (None, "folder")],
    ids=["empty", "text", "folder"],
)
def test_a_file_that_is_no_video_is_told_by_name_and_reason(tmp_path, content, why):
    path = tmp_path / "holiday.mp4"
    path.mkdir() if content is None else path.write_bytes(content)
    sentence = reason(path)
    assert "holiday.mp4" in sentence
    assert why in sentence
    assert sentence.endswith(".")


def test_a_file_that_is_missing_is_told(tmp_path):
    path = tmp_path / "holiday.mp4"
    assert reason(path) == f"{path} does not exist. Correct the sample's filepath."


@pytest.mark.parametrize("long", ["name", "path"])
def test_a_path_that_is_too_long_is_told(tmp_path, long):
    path = (
        tmp_path / ("x" * 300 + ".mp4") if long == "name" else tmp_path.joinpath(*["y" * 200] * 30)
    )
    sentence = reason(path)
    assert "too long for this system" in sentence
    assert str(len(str(path))) in sentence
    assert len(sentence) < 250


def test_links_that_lead_nowhere_are_told(tmp_path):
    loop, dangling = tmp_path / "loop.mp4", tmp_path / "dangling.mp4"
    loop.symlink_to(loop)
    dangling.symlink_to(tmp_path / "gone.mp4")
    assert "loop.mp4 is a link that leads back to itself" in reason(loop)
    assert f"is a link to {tmp_path / 'gone.mp4'}, which does not exist" in reason(dangling)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "is not a regular file" in reason(tmp_path / "pipe.mp4")


@pytest.mark.parametrize("path", ["a\0b.mp4", "a\ud800b.mp4"])
def test_what_cannot_be_a_path_is_told(path):
    assert "cannot be a path" in reason(path)


@pytest.mark.parametrize(
    "address", ["https://host/x.mp4", "s3://bucket/x.mp4", "gs://bucket/a b.mp4", "rtsp://cam/1"]
)
def test_a_remote_address_is_told_as_one(address):
    """FiftyOne makes a local path of it."""
    for path in (address, os.path.abspath(address)):
        sentence = reason(path)
        assert sentence.startswith(f"{address} is a remote address")
        assert "Download the video" in sentence


@pytest.mark.parametrize("closed", ["file", "folder"])
def test_missing_permission_is_told_as_such(open_folder, unprivileged, draw_video, closed):
    path = open_folder / "inside" / "mine.mp4"
    path.parent.mkdir()
    draw_video(path, [{}] * 3)
    (path if closed == "file" else path.parent).chmod(0)
    try:
        with unprivileged():
            sentence = reason(path)
    finally:
        path.parent.chmod(stat.S_IRWXU)
    assert f"no permission to read {path}" in sentence


def test_a_file_with_sound_only_is_told(tmp_path, film):
    path = film(tmp_path / "song.mp4", [], sound=(0, 0.2))
    assert "song.mp4 holds no video, only audio" in reason(path)


def test_a_playlist_opens_nothing(tmp_path, draw_video):
    draw_video(tmp_path / "v.mp4", [{}] * 3)
    path = tmp_path / "list.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/v.ts\n")
    assert "list.mp4" in reason(path)

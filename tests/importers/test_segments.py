"""Pins that a copied segment stays in its folder, whatever the video is called."""

import shutil

import pytest

from fiftyone_e3m.importers.segments import cut_segment
from fiftyone_e3m.video import Video

N = 20


@pytest.fixture
def source(tmp_path, draw_video):
    """A video of `N` frames."""
    return draw_video(tmp_path / "source.mp4", [{"red": (8, 8, 40, 40)}] * N)


@pytest.mark.parametrize("name", ["...mp4", "x" * 250 + ".mp4", "a\nb.mp4", "plain.mp4"])
def test_a_segment_lies_in_its_folder_under_a_safe_name(source, tmp_path, name):
    shutil.copy(source, tmp_path / name)
    folder = tmp_path / "a" / "segments"
    copy = cut_segment(Video.open(tmp_path / name), 5, 15, folder)
    assert copy.frame_count == 10
    assert copy.path.parent == folder
    assert copy.path.name.isprintable()
    assert [path.name for path in folder.iterdir()] == [copy.path.name]


def test_a_link_in_place_of_a_half_copy_is_not_followed(source, tmp_path):
    folder, mine = tmp_path / "segments", tmp_path / "mine.txt"
    folder.mkdir()
    mine.write_text("mine")
    (folder / "source_5_15.part.avi").symlink_to(mine)
    assert cut_segment(Video.open(source), 5, 15, folder).frame_count == 10
    assert mine.read_text() == "mine"

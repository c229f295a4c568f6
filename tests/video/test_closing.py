"""Closing a file whose decoder still works."""

import subprocess
import sys

import numpy as np
import pytest

READ = """
import sys
from contextlib import closing
from pathlib import Path

import av
from fiftyone_e3m.video.container import pictures

av.logging.set_level(av.logging.ERROR)
for _ in range(50):
    with closing(pictures(Path(sys.argv[1]))) as decoded:
        next(decoded, None)
"""


@pytest.fixture
def damaged(tmp_path, film):
    """A video with damage in each of its pictures."""
    rng = np.random.default_rng(0)
    path = film(tmp_path / "damaged.mp4", rng.integers(0, 256, (60, 240, 320, 3), np.uint8))
    content = np.fromfile(path, np.uint8)
    content[rng.integers(len(content) // 20, len(content), 3000)] ^= 255
    content.tofile(path)
    return path


def test_a_damaged_video_is_closed_where_python_logs_what_its_decoder_reports(damaged):
    """Older torchvision turns this log on, and the threads of a decoder write to it."""
    ended = subprocess.run(
        [sys.executable, "-c", READ, damaged], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr

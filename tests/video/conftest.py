"""Shared by the tests of video files: pictures that show a number."""

import numpy as np
import pytest

from .numbered import number_in, numbered


@pytest.fixture(scope="session")
def numbers():
    """`numbers(n)`: pictures that show 0 to n - 1."""
    return lambda n: [numbered(i) for i in range(n)]


@pytest.fixture(scope="session")
def shown():
    """`shown(video)`: the number that each frame of a healthy video shows, as peeking finds."""

    def read(video):
        reading = video.read(np.arange(video.frame_count))
        found = [number_in(image) for _, image in reading]
        assert (reading.lost, reading.doubtful) == ([], [])
        for frame in (0, video.frame_count // 3, video.frame_count - 1):
            assert number_in(video.peek(frame)) == found[frame], f"peeking at frame {frame}"
        return found

    return read

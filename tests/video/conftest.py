"""Shared by the tests of video files: pictures that show a number."""

import numpy as np
import pytest

BITS = 8


def numbered(number):
    """A picture that shows a number: one block per bit, the lowest first."""
    image = np.full((64, BITS * 16, 3), 128, np.uint8)
    for bit in range(BITS):
        image[16:48, bit * 16 : bit * 16 + 16] = 255 * (number >> bit & 1)
    return image


def number_in(image):
    blocks = image[24:40].mean(axis=(0, 2)).reshape(BITS, 16)[:, 4:12].mean(axis=1)
    return sum(int(block > 128) << bit for bit, block in enumerate(blocks))


@pytest.fixture(scope="session")
def numbers():
    """`numbers(n)`: pictures that show 0 to n - 1."""
    return lambda n: [numbered(i) for i in range(n)]


@pytest.fixture(scope="session")
def shown():
    """`shown(video)`: the number that each of its frames shows, and that peeking finds the same."""

    def read(video):
        found = [number_in(image) for _, image in video.read(np.arange(video.frame_count))]
        for frame in (0, video.frame_count // 3, video.frame_count - 1):
            assert number_in(video.peek(frame)) == found[frame], f"peeking at frame {frame}"
        return found

    return read

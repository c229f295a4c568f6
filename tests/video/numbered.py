"""Pictures that show a number."""

import numpy as np

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

"""A film of a page: pictures of it, how long each is seen, and a mouse pointer drawn into them.

Chromium's own pictures have no pointer, and what takes the machine long is not worth seeing. So the
page is looked at when it has something to show, and the film says for how long.
"""

import io
import math

from PIL import Image, ImageChops, ImageDraw

TICK = 0.04
"""Seconds that each step of a moving pointer is seen."""
STRIDE = 60
"""Pixels of a fast pointer in a step."""
LOOKS = 40
"""Most looks at a page until two are the same."""
SHARP = 4
"""Pixels in which a pixel of the pointer is drawn."""
ARROW = ((0, 0), (0, 17), (4, 13.5), (6.8, 19.5), (9.6, 18.2), (6.9, 12.4), (12.2, 12.4))
RING = (255, 109, 4)
RINGS = (7, 13, 18)
"""Radii, one after the other, of the ring around a click."""
MOST_BYTES = 4_000_000
FEWEST_PICTURES = 50
WIDTHS = range(1000, 1281)
SECONDS = (12, 25)


class Film:
    """The pictures of a page, in order.

    Args:
        page: the page.
        at: where the pointer is, in pixels from the top left.
    """

    def __init__(self, page, at):
        self._page, self._at = page, at
        self._sight = None
        self._shots = []
        self._rest()

    def look(self, seconds):
        """The page as it is once it has come to rest."""
        before = None
        for _ in range(LOOKS):
            png = self._page.screenshot()
            if png == before:
                break
            before = png
        self._sight = Image.open(io.BytesIO(png)).convert("RGB")
        self._show(seconds)

    def glance(self, seconds):
        """The page as it is now, though it goes on changing."""
        self._sight = Image.open(io.BytesIO(self._page.screenshot())).convert("RGB")
        self._show(seconds)

    def go(self, place):
        """The pointer moves to a place: a locator, or pixels from the top left."""
        if not isinstance(place, tuple):
            place.wait_for()
            place.scroll_into_view_if_needed()
            box = place.bounding_box()
            place = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.6
        here, way = self._at, math.dist(self._at, place)
        steps = max(5, round(way / STRIDE))
        for step in range(1, steps + 1):
            part = (1 - math.cos(math.pi * step / steps)) / 2
            self._at = tuple(a + (b - a) * part for a, b in zip(here, place, strict=True))
            self._show(TICK)

    def click(self, place):
        """The pointer moves to a place and clicks it; a rested pointer changes nothing else."""
        self.go(place)
        for radius in RINGS:
            self._show(0.06, ring=radius)
        self._page.mouse.click(*self._at)
        self._rest()

    def type(self, text, letters=2):
        """Text is typed, some letters at a time."""
        for start in range(0, len(text), letters):
            self._page.keyboard.type(text[start : start + letters])
            self.glance(TICK)

    def save(self, path, quality):
        """Writes it as a WebP that begins again when it ends.

        Args:
            path: of the file.
            quality: 0..100, of the pictures.
        """
        pictures, times = [], []
        for picture, seconds in self._shots:
            if pictures and not ImageChops.difference(pictures[-1], picture).getbbox():
                times[-1] += seconds
            else:
                pictures.append(picture)
                times.append(seconds)
        pictures[0].save(
            path,
            save_all=True,
            append_images=pictures[1:],
            duration=[round(1000 * seconds) for seconds in times],
            loop=0,
            quality=quality,
            method=4,
            minimize_size=True,
        )

    def _rest(self):
        """The page's own pointer goes where it shows no hint, as hints cover text."""
        self._page.mouse.move(1, 1, steps=4)

    def _show(self, seconds, ring=None):
        self._shots.append((_pointed(self._sight, self._at, ring), seconds))


def check(path):
    """Checks that a film is one for a README: it moves, repeats, and is neither long nor large."""
    with Image.open(path) as film:
        times = []
        for number in range(film.n_frames):
            film.seek(number)
            film.load()
            times.append(film.info["duration"])
        assert film.info["loop"] == 0, "for ever"
        assert len(times) >= FEWEST_PICTURES
        assert SECONDS[0] <= sum(times) / 1000 <= SECONDS[1]
        assert film.width in WIDTHS
    assert path.stat().st_size < MOST_BYTES


def _pointed(sight, at, ring):
    """The page with a pointer, and a ring of a radius around it."""
    picture = sight.copy()
    reach = max(RINGS) + 6
    left, top = (math.floor(side) - reach for side in at)
    size = 2 * reach * SHARP
    drawn = Image.new("RGBA", (size, size))
    pen = ImageDraw.Draw(drawn)
    x, y = ((side - corner) * SHARP for side, corner in zip(at, (left, top), strict=True))
    if ring:
        r = ring * SHARP
        pen.ellipse((x - r, y - r, x + r, y + r), outline=RING, width=3 * SHARP)
    corners = [(x + a * SHARP, y + b * SHARP) for a, b in ARROW]
    pen.polygon(corners, fill="white")
    pen.line([*corners, corners[0]], fill="black", width=SHARP, joint="curve")
    small = drawn.resize((2 * reach, 2 * reach), Image.Resampling.LANCZOS)
    picture.paste(small, (left, top), small)
    return picture

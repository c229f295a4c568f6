"""Pins that a frame number means the same picture for us and for FiftyOne's player, in Chromium.

The page does what the player does for a frame number: it seeks to ``(n - 1 + .01) / fps``.
"""

import base64
from pathlib import Path

import av
import fiftyone
import numpy as np
import pytest

from fiftyone_e3m.video import Video

from ..films import excerpt

pytestmark = pytest.mark.browser

N = 30
FPS = 30
TIMES = np.arange(N) / FPS
UNEVEN = np.cumsum([0, *[1, 1, 4, 2] * 7, 1]) / 25
KINDS = {
    "plain.mp4": {},
    "interlaced.mp4": {"x264-params": "tff=1"},
    "late.mp4": {"times": 1.5 + TIMES},
    "late.mkv": {"times": 1.52 + np.arange(N) / 25, "fps": 25},
    "after sound.mp4": {"times": 2 + TIMES, "sound": (0, 3)},
    "fragmented.mp4": {"options": {"movflags": "frag_keyframe+empty_moov"}},
    "uneven.mp4": {"times": UNEVEN, "fps": 25},
    "uneven.mkv": {"times": UNEVEN, "fps": 25},
    "jitter.mp4": {"times": TIMES + np.random.default_rng(0).uniform(0, 0.02, N)},
    "copy.mp4": {},
}
OUT_OF_STEP = ("uneven.mp4", "jitter.mp4")
"""Files in which the stored lengths of pictures overlap."""
WIDTH = 16
"""Pixels of each of the 8 blocks that show the number of a picture."""

OPEN = """async ([content, type]) => {
    const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
    const video = document.createElement("video");
    video.muted = true;
    const loaded = new Promise((done, failed) => {
        video.onloadeddata = done;
        video.onerror = () => failed(video.error.message);
    });
    video.src = URL.createObjectURL(new Blob([bytes], {type}));
    await loaded;
    window.video = video;
}"""
SEEK = """async (time) => {
    const seeked = new Promise(done => video.onseeked = done);
    video.currentTime = time;
    await seeked;
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    return [...context.getImageData(0, 16, canvas.width, 1).data];
}"""


def numbered(number):
    """A picture of 8 blocks, one per bit of a number, the lowest first."""
    blocks = np.array([255 * (number >> bit & 1) for bit in range(8)], np.uint8)
    return np.broadcast_to(np.repeat(blocks, WIDTH)[None, :, None], (32, 8 * WIDTH, 3))


def number_in(row):
    return sum(int(value > 128) << bit for bit, value in enumerate(row[WIDTH // 2 :: WIDTH]))


def lasting(path):
    """When each picture of a file begins and ends, by its packets, in seconds from the first.

    An MP4 file stores how far decoding of the next one is, which of pictures out of order may reach
    over later ones. Chromium (150) shows one that has not ended, by lengths that it mixes up as it
    puts pictures in order, or the right one: this depends on the machine.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [p for p in container.demux(stream) if p.pts is not None]
    first = min(p.pts for p in packets)
    spans = sorted((p.pts - first, p.pts - first + (p.duration or 0)) for p in packets)
    return [(float(a * stream.time_base), float(b * stream.time_base)) for a, b in spans]


@pytest.fixture(autouse=True)
def last_sight():
    """No picture of the App, which these tests do not start."""


@pytest.fixture(scope="module")
def blank(chromium):
    """An empty page."""
    page = chromium.new_context().new_page()
    yield page
    page.close()


def test_fiftyones_player_still_seeks_as_assumed():
    assets = Path(fiftyone.__file__).parent / "server" / "static" / "assets"
    assert any("-1+.01)/" in script.read_text() for script in assets.glob("classnames-*.js"))


@pytest.mark.parametrize("name", KINDS)
def test_the_player_shows_the_picture_of_the_frame(blank, tmp_path, film, name):
    images = [np.ascontiguousarray(numbered(i)) for i in range(N)]
    if name == "copy.mp4":
        whole = film(tmp_path / "whole.mp4", images, g="12", sc_threshold="0")
        path = excerpt(whole, tmp_path / name, 16 / FPS)
    else:
        path = film(tmp_path / name, images, **KINDS[name])
    video = Video.open(path)
    ours = [number_in(frame[16, :, 0]) for _, frame in video.read(np.arange(video.frame_count))]
    assert len(set(ours)) > N // 2 - (name == "copy.mp4") * 5

    def shown(frame):
        pixels = blank.evaluate(SEEK, (frame + 0.01) / video.frame_rate)
        return number_in(pixels[::4])

    content = base64.b64encode(path.read_bytes()).decode()
    blank.evaluate(OPEN, [content, f"video/{'mp4' if path.suffix == '.mp4' else 'webm'}"])
    shown(video.frame_count)  # the browser corrects the duration when it comes to the end
    duration = blank.evaluate("video.duration")
    # a picture that begins where the video ends, as in a fragmented file, cannot be sought
    frames = [k for k in range(video.frame_count) if (k + 0.5) / video.frame_rate < duration]
    assert video.frame_count - len(frames) <= 1
    spans = lasting(path) if name in OUT_OF_STEP else []

    def right(frame):
        time = (frame + 0.01) / video.frame_rate
        also = [picture for picture, (begin, end) in enumerate(spans) if begin <= time < end]
        also += [ours[frame] - 1] if spans else []
        return shown(frame) in (ours[frame], *also)

    wrong = [k for k in frames if not right(k) and not right(k)]  # a slow machine
    assert not wrong, f"{[(k, ours[k], shown(k)) for k in wrong]}"

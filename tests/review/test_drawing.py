"""Pins that pictures show the stated frame and box, by reading their pixels."""

import base64
import warnings
from dataclasses import replace

import cv2
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.colors import to_hex

from fiftyone_e3m.dataset.appearance import colour_of
from fiftyone_e3m.review.drawing import WIDTH, Truth, draw_answer, draw_frame, figure_uri
from fiftyone_e3m.review.fonts import drawable
from fiftyone_e3m.review.timelines import Timeline
from fiftyone_e3m.video import Video, VideoError

N = 12
RED = "#d62728"
CAT, DOG = "\U0010fff0", "\U0010fff1"
"""Characters for private use, which the fonts of a machine do not have."""
BOX = [0.5, 0.25, 0.25, 0.5]
TRUE_BOX = [0.25, 0, 0.5, 0.25]


@pytest.fixture(scope="module")
def path(tmp_path_factory, draw_video):
    """A tall video of alternating blue, green and yellow frames."""
    colours = ("blue", "green", "yellow")
    frames = [{colours[i % 3]: (0, 0, 120, 160)} for i in range(N)]
    return draw_video(tmp_path_factory.mktemp("clips") / "tall.mp4", frames, size=(120, 160))


@pytest.fixture(scope="module")
def timeline():
    frames = np.arange(1, N + 1)
    return Timeline("a “red” $box_1", (4, 6), 0.7, frames, frames / N, 10.0, {5: BOX}, index=3)


def decode(uri):
    kind, _, content = uri.partition(";base64,")
    pixels = np.frombuffer(base64.b64decode(content), np.uint8)
    return kind, cv2.cvtColor(cv2.imdecode(pixels, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def at(box):
    """Colour and place of a drawn box, in pixels."""
    colour = to_hex(box.get_edgecolor())
    return colour, box.get_x(), box.get_y(), box.get_width(), box.get_height()


def test_a_frame_is_the_one_of_its_number(path):
    for number, channel in ((1, 2), (2, 1), (N - 1, 1)):
        kind, image = decode(draw_frame(path, number, None, RED))
        assert kind == "data:image/jpeg"
        assert image.shape == (640, WIDTH, 3), "it keeps its shape"
        assert image[100, 100].argmax() == channel


def test_the_box_stands_where_it_says(path):
    _, image = decode(draw_frame(path, 1, BOX, RED))
    red = image[..., 0].astype(int) > image[..., 2]
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    x, y, w, h = np.array(BOX) * [WIDTH, 640, WIDTH, 640]
    np.testing.assert_allclose([columns[0], columns[-1]], [x, x + w], atol=4)
    np.testing.assert_allclose([rows[0], rows[-1]], [y, y + h], atol=4)
    assert not red[int(y + h / 2), int(x + w / 2)], "only its outline"


@pytest.mark.parametrize("number", [N + 1, 10 * N])
def test_a_frame_behind_the_end_is_refused(path, number):
    with pytest.raises(VideoError, match=r"tall\.mp4 announces 12 frames"):
        draw_frame(path, number, None, RED)


def test_a_file_that_is_missing_or_no_video_is_refused(tmp_path):
    with pytest.raises(VideoError, match="does not exist"):
        draw_frame(tmp_path / "none.mp4", 1, None, RED)
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(VideoError, match=r"text\.mp4"):
        draw_frame(tmp_path / "text.mp4", 1, None, RED)


def test_an_answer_is_a_strip_of_frames_over_its_curve(path, timeline):
    truth = Truth((7, 10), {5: TRUE_BOX, 8: TRUE_BOX})
    figure = draw_answer(timeline, Video.open(path), truth)
    *frames, curve = figure.axes
    numbers = [int(axes.get_title()) for axes in frames]
    assert numbers == sorted({*numbers, 1, N, 5, 8}), "first, last and the middle of both events"
    drawn = {n: [at(box) for box in axes.patches] for n, axes in zip(numbers, frames, strict=True)}
    found, true = (colour_of(3), 60, 40, 30, 80), ("#4caf50", 30, 0, 60, 40)
    assert {n: boxes for n, boxes in drawn.items() if boxes} == {5: [true, found], 8: [true]}
    assert curve.get_xlim() == (0, 1.2)
    seconds, relevance = curve.lines[0].get_data()
    np.testing.assert_allclose(seconds, np.arange(N) / 10)
    np.testing.assert_allclose(relevance, np.arange(1, N + 1) / N)
    event, truth = curve.patches
    assert (event.get_x(), event.get_width()) == pytest.approx((0.3, 0.3))
    assert (truth.get_x(), truth.get_width()) == pytest.approx((0.6, 0.4))


def test_frames_that_look_the_same_are_drawn_once(tmp_path, draw_video):
    path = draw_video(tmp_path / "long.mp4", [{"red": (0, 0, 10, 10)}] * 101)
    near = Timeline("x", (51, 53), 1.0, np.array([1]), np.array([0.5]), 10.0, {})
    *frames, _ = draw_answer(near, Video.open(path)).axes
    assert [int(axes.get_title()) for axes in frames] == [1, 17, 34, 52, 67, 84, 101]


@pytest.mark.parametrize("sentence", ["a “red” $box_1", r"a $\frac$ dog", r"\sum_{$", "$$", "{}%s"])
def test_a_figure_becomes_a_picture_whatever_is_in_the_sentence(path, timeline, sentence):
    answer = draw_answer(replace(timeline, query=sentence), Video.open(path))
    kind, image = decode(figure_uri(answer))
    assert sentence in answer.get_suptitle(), "as it was written"
    assert kind == "data:image/png"
    assert image.shape[1] > 1000


def test_a_video_of_one_frame_is_drawn(tmp_path, draw_video, timeline):
    video = Video.open(draw_video(tmp_path / "one.mp4", [{"red": (0, 0, 10, 10)}]))
    one = Timeline("x", (1, 1), 1.0, np.array([1]), np.array([0.5]), 10.0, {})
    assert len(draw_answer(one, video).axes) == 2


# Sentences in other scripts


@pytest.fixture(scope="module")
def font_with_a_cat(tmp_path_factory):
    """A font of this machine with one character that matplotlib's own lacks."""
    source = font_manager.findfont("DejaVu Sans")
    font = TTFont(source)
    for table in font["cmap"].tables:
        if table.format == 12:  # the others hold no such high numbers
            table.cmap[ord(CAT)] = table.cmap[ord("A")]
    for entry in font["name"].names:
        if entry.nameID in (1, 4, 6, 16):
            entry.string = "Cat"
    path = tmp_path_factory.mktemp("fonts") / "cat.ttf"
    font.save(path)
    before = list(font_manager.fontManager.ttflist)
    font_manager.fontManager.addfont(path)
    yield "Cat"
    font_manager.fontManager.ttflist = before


def test_a_sentence_is_drawn_with_a_font_that_has_its_characters(font_with_a_cat, path, timeline):
    text, fonts, missing = drawable(f"a {CAT}")
    assert (text, missing) == (f"a {CAT}", 0)
    assert fonts == ["DejaVu Sans", font_with_a_cat]
    figure = draw_answer(replace(timeline, query=f"a {CAT}"), Video.open(path))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of each box that it draws instead
        figure_uri(figure)
    assert figure.get_suptitle() == f"“a {CAT}”   confidence 0.70"


def test_a_picture_says_how_many_characters_no_font_has(font_with_a_cat, path, timeline):
    figure = draw_answer(replace(timeline, query=f"{DOG} {CAT} {DOG}"), Video.open(path))
    title, remark = figure.get_suptitle().split("\n")
    assert title.startswith(f"“\ufffd {CAT} \ufffd”")
    assert remark == "No font on this machine has 2 of its characters."

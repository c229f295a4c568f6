"""Pins the verdicts of an evaluation, wrong time or wrong object, as text and in the plot.

A wrong verdict makes a user fix the wrong thing; so does a missing prediction that the plot
does not show.
"""

import plotly.graph_objects as go
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.evaluation.pairs import Pair


def pair(tiou, box_iou=None, predicted=(1, 8), boxed=True, query="a dog", name="clip", **values):
    """A scored pair; its vIoU follows from the other two scores."""
    viou = tiou * (box_iou or 0) if boxed else None
    spans = {"predicted": predicted, "true": (1, 8)}
    return Pair(
        name, f"/videos/{name}.mp4", query, tiou, viou, box_iou, n_boxed=8, **spans, **values
    )


def results(*pairs):
    return e3m.EvaluationResults("frames.e3m", "frames.gt", "inclusive", pairs)


ONE_OF_EACH = [
    (pair(0.9, 0.8), "right"),
    (pair(0.7, 0.7), "nearly right"),
    (pair(0.5, 0.8), "right object at the wrong time"),
    (pair(0.9, 0.5), "wrong object at the right time"),
    (pair(0.5, 0.5), "neither"),
    (pair(0.0), "at another time altogether"),
    (pair(0.0, predicted=None, status="unreadable"), "not predicted"),
    (pair(0.51, boxed=False), "at the right time"),
    (pair(0.5, boxed=False), "at the wrong time"),
    (pair(0.0, boxed=False, predicted=None), "not predicted"),
]


@pytest.mark.parametrize(("one", "verdict"), ONE_OF_EACH, ids=[v for _, v in ONE_OF_EACH])
def test_right_is_strictly_above_a_half(one, verdict):
    assert one.verdict == verdict


def test_right_is_what_is_a_true_positive_for_fiftyone():
    assert [one.right for one, _ in ONE_OF_EACH] == [True, *[False] * 6, True, False, False]


def test_a_half_is_not_above_a_half_although_floating_point_numbers_are():
    half = 0.5 + 2e-16
    assert half > 0.5
    assert pair(half, half).verdict == "neither"
    figure, _, _ = drawn(pair(1.0, half), pair(1.0, 0.9))
    assert figure.layout.annotations[0].text.endswith("50% above 0.5")


def test_the_report_breaks_the_failures_down():
    boxed = [one for one, _ in ONE_OF_EACH[:7]]
    assert results(boxed[0], boxed[0], boxed[3]).breakdown == (
        "Of 3 pairs: 2 right, 1 wrong object at the right time."
    )
    found = results(*boxed, pair(0.6, boxed=False))
    assert found.breakdown == (
        "Of 7 pairs: 1 right, 1 nearly right, 1 right object at the wrong time, "
        "1 wrong object at the right time, 1 neither, 1 at another time altogether, "
        "1 not predicted; "
        "of 1 pair without true boxes: 1 at the right time."
    )
    assert found.breakdown in str(found).splitlines()
    assert results(pair(0.6, boxed=False)).breakdown == "Of 1 pair: 1 at the right time."


# The plot


def drawn(*pairs):
    """Bar traces and point traces, each by verdict."""
    figure = results(*pairs).plot()
    assert isinstance(figure, go.Figure)
    bars = {t.legendgroup: t for t in figure.data if t.type == "bar"}
    points = {t.legendgroup: t for t in figure.data if t.type == "scatter" and t.mode == "markers"}
    return figure, bars, points


def test_every_pair_is_a_point_and_counted_in_a_bar():
    pairs = [one for one, _ in ONE_OF_EACH[:7]]
    _, bars, points = drawn(*pairs)
    assert list(bars) == list(points) == [one.verdict for one in pairs]
    assert all(sum(bar.y) == 1 for bar in bars.values())
    assert bars["right"].name == "right: 1", "the legend counts"
    assert (points["right"].x, points["right"].y) == ((0.9,), (0.8,))


def test_a_bar_stands_where_the_viou_is():
    _, bars, _ = drawn(pair(1.0, 0.9), pair(1.0, 0.91), pair(1.0, 1.0))
    heights = dict(zip(bars["right"].x, bars["right"].y, strict=True))
    assert {x: n for x, n in heights.items() if n} == {0.925: 2, 0.975: 1}


def test_what_was_not_predicted_lies_in_the_corner_with_a_mark_of_its_own():
    _, _, points = drawn(pair(0.9, 0.8), pair(0.0), pair(0.0, predicted=None, status="unreadable"))
    missing = points["not predicted"]
    assert (missing.x, missing.y) == ((0,), (0,))
    symbols = {trace.marker.symbol for trace in points.values()}
    assert len(symbols) == 3
    assert "not predicted (unreadable)" in missing.text[0]


def test_the_mouse_tells_video_sentence_and_scores():
    _, _, points = drawn(pair(0.9, 0.8, query="a <b>bold</b> dog"))
    (text,) = points["right"].text
    assert "clip.mp4" in text
    assert "a &lt;b&gt;bold&lt;/b&gt; dog" in text
    assert "tIoU 0.90, box IoU 0.80, vIoU 0.72" in text
    assert "predicted frames 1 - 8, true 1 - 8" in text


def test_thresholds_and_shares_above_them_are_told():
    figure, _, _ = drawn(pair(0.9, 0.9), pair(0.7, 0.6), pair(0.5, 0.5))
    title = figure.layout.annotations[0].text
    assert title == "vIoU of 3 pairs: 67% above 0.3, 33% above 0.5"
    assert [s.x0 for s in figure.layout.shapes if s.xref == "x"] == [0.3, 0.5]


def test_pairs_without_true_boxes_are_left_out_where_others_have_them():
    figure, bars, points = drawn(pair(0.9, 0.8), pair(0.9, boxed=False))
    assert list(bars) == list(points) == ["right"]
    assert "of 1 pair:" in figure.layout.annotations[0].text


def test_without_any_true_box_there_is_a_histogram_of_the_time_alone():
    pairs = (pair(0.9, boxed=False), pair(0.2, boxed=False), pair(0, boxed=False, predicted=None))
    figure, bars, points = drawn(*pairs)
    assert not points
    assert list(bars) == ["at the right time", "at the wrong time", "not predicted"]
    assert figure.layout.annotations[0].text.startswith("tIoU of 3 pairs: 33% above 0.3")
    assert "xaxis2" not in figure.to_dict()["layout"]

"""Quality: on real video it must stay where it was measured, and its report must count right.

The floors lie a little below what was measured (docs/quality.md): they catch a broken step, not
noise. Also pinned: on each set and with each encoder the defaults beat the paper's method as it is,
and naive per-frame matching, which is the point of having either.

Whether a confidence means something is decided by `benchmarks/confidence.py`, whose numbers are
pinned on cases made by hand.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import quality
from benchmarks.confidence import ABSENT, Judged, absent_sentences, auroc, interval, report
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.evaluation.metrics import summarise, tiou, viou

FLOORS = {
    ("bundled", "joined"): (0.90, 0.66),
    ("bundled", "panned"): (0.70, 0.42),
    ("flickr8k", "joined"): (0.90, 0.68),
    ("flickr8k", "panned"): (0.75, 0.44),
}


@pytest.fixture(scope="module")
def sets(shared_data):
    pytest.importorskip("ultralytics", reason="needs the extra 'ultralytics'")
    detector = quality.load_detector(str(quality.DETECTOR))
    config = E3MConfig()
    return {
        name: quality.prepare(quality.queries_set(name), detector, config)
        for name in ("joined", "panned")
    }


@pytest.fixture(scope="module", params=["bundled", "flickr8k"])
def encoder(request, tmp_path_factory):
    model = quality.load(request.param, str(tmp_path_factory.mktemp("weights")))
    return request.param, quality.MemoEncoder(model)


def scores(pairs):
    return summarise([tiou(a, b) for a, b in pairs], [viou(a, b) for a, b in pairs])


@pytest.mark.shared
@pytest.mark.parametrize("name", ["joined", "panned"])
def test_quality_is_above_the_floor_the_paper_and_naive_matching(sets, encoder, name):
    encoder_name, model = encoder
    ours = scores(quality.ours(sets[name], model, E3MConfig()))
    paper = scores(quality.ours(sets[name], model, E3MConfig.preset("paper")))
    naive = scores(quality.per_frame(sets[name], model, E3MConfig()))
    m_tiou, m_viou = FLOORS[encoder_name, name]
    assert ours.m_tiou >= m_tiou, ours
    assert ours.m_viou >= m_viou, ours
    assert ours.m_tiou > max(paper.m_tiou, naive.m_tiou)
    assert ours.m_viou > max(paper.m_viou, naive.m_viou)


# Whether confidence means something


def item(name, *sentences):
    return SimpleNamespace(name=name, queries=[SimpleNamespace(sentence=s) for s in sentences])


ITEMS = [item("a", "one", "two"), item("b", "two", "three", "four"), item("c", "five", "six")]


def test_absent_sentences_are_those_of_other_videos():
    assert sorted(absent_sentences(ITEMS[1], ITEMS[:2])) == ["one"]
    drawn = [set(absent_sentences(ITEMS[0], ITEMS, seed)) for seed in range(9)]
    assert all(len(found) == ABSENT for found in drawn)
    assert set.union(*drawn) == {"three", "four", "five", "six"}
    assert absent_sentences(ITEMS[0], ITEMS[:1]) == []


def test_the_same_absent_sentences_are_drawn_every_time():
    many = [item(str(i), f"sentence {i}") for i in range(30)]
    first = [absent_sentences(one, many) for one in many]
    assert first == [absent_sentences(one, many[::-1]) for one in many]
    assert len({tuple(drawn) for drawn in first}) > 20


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        ([0.9, 0.8], [0.1], 1),
        ([0.1], [0.9, 0.8], 0),
        ([0.5], [0.5, 0.5], 0.5),
        ([0.9, 0.4], [0.5, 0.3], 0.75),
    ],
)
def test_auroc_by_hand(positive, negative, expected):
    assert auroc(positive, negative) == expected


def test_auroc_of_nothing_is_unknown():
    assert np.isnan(auroc([], [0.5]))
    assert np.isnan(auroc([0.5], []))


some = st.lists(st.integers(0, 8).map(lambda n: n / 8), min_size=1, max_size=12)


@given(some, some)
def test_auroc_is_the_share_of_pairs_in_order(positive, negative):
    pairs = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]
    assert auroc(positive, negative) == pytest.approx(np.mean(pairs))
    assert auroc(negative, positive) == pytest.approx(1 - np.mean(pairs))


def test_an_interval_lies_around_the_mean_and_narrows_with_more_values():
    assert interval([0.4] * 5) == pytest.approx((0.4, 0.4))
    few, many = [0.0, 1.0] * 4, [0.0, 1.0] * 40
    (low, high), (lower, higher) = interval(many), interval(few)
    assert 0 <= lower < low < 0.5 < high < higher <= 1
    assert interval(few) == interval(few)


def test_the_interval_is_that_of_a_normal_mean():
    values = np.random.default_rng(0).normal(5, 1, 400)
    low, high = interval(values)
    margin = 1.645 * values.std() / np.sqrt(400)
    assert (low, high) == pytest.approx((values.mean() - margin, values.mean() + margin), abs=0.01)


def test_a_report_counts_answers_by_what_they_said():
    judged = [
        Judged(1.0, 0.9, True),
        Judged(0.85, 0.6, True),
        Judged(0.15, 0.5, True),
        Judged(0.3, 0.0, False),
        Judged(0.05, 0.0, False),
    ]
    assert report(judged) == [
        "AUROC present/absent 0.833 (3 present, 2 absent)",
        "AUROC vIoU > 0.5 among present 1.000 (2 right)",
        "confidence 0.0 - 0.2: said 0.10, right 0.00 (2 answers)",
        "confidence 0.2 - 0.4: said 0.30, right 0.00 (1 answers)",
        "confidence 0.8 - 1.0: said 0.93, right 1.00 (2 answers)",
    ]


def test_a_report_without_absent_sentences_says_that_it_does_not_know():
    assert report([Judged(0.5, 0.6, True)])[0] == "AUROC present/absent nan (1 present, 0 absent)"

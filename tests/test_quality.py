"""Quality on real video: the recipe must stay above what a prototype of it reached.

The floors are those of the issue that asked for the first version, well below what was measured
then (docs/quality.md): they catch a broken step, not noise. Also pinned: E3M beats naive per-frame
matching on each set, which is the point of having it.
"""

import sys
from pathlib import Path

import pytest

from fiftyone_e3m.config import E3MConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import quality

pytestmark = pytest.mark.shared

FLOORS = {
    ("bundled", "joined"): (0.75, 0.46),
    ("bundled", "panned"): (0.50, 0.29),
    ("flickr8k", "joined"): (0.72, 0.58),
    ("flickr8k", "panned"): (0.53, 0.29),
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
    return request.param, quality.load(request.param, str(tmp_path_factory.mktemp("weights")))


@pytest.mark.parametrize("name", ["joined", "panned"])
def test_quality_is_above_the_floor_and_above_naive_matching(sets, encoder, name):
    encoder_name, model = encoder
    ours = quality.score_e3m(sets[name], model, E3MConfig())
    naive = quality.score_naive(sets[name], model, E3MConfig())
    m_tiou, m_viou = FLOORS[encoder_name, name]
    assert ours.m_tiou >= m_tiou, ours
    assert ours.m_viou >= m_viou, ours
    assert ours.m_tiou > naive.m_tiou
    assert ours.m_viou > naive.m_viou

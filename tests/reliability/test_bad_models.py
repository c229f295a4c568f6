"""Pins that a model that returns garbage or fails costs the videos it fails on, and is named."""

import math

import pytest

from .conftest import RedDetector
from .models import MODELS


class Changed:
    """A model whose answers by one method are changed."""

    def __init__(self, model, method, change):
        self._model, self._method, self._change, self._calls = model, method, change, 0

    def __getattr__(self, name):
        value = getattr(self._model, name)
        return self._changed(value) if name == self._method else value

    def _changed(self, method):
        def call(*given):
            self._calls += 1
            return self._change(method(*given), self._calls)

        return call


@pytest.mark.parametrize("case", MODELS, ids=lambda case: case.what)
def test_a_bad_model_is_named_and_writes_nothing_odd(
    case, ground, new_dataset, healthy, stand_ins, outcomes
):
    dataset = new_dataset([healthy] * (4 if case.spared else 1))
    models = {"encoder": stand_ins.encoder(), "detector": RedDetector()}
    models[case.part] = Changed(models[case.part], case.method, case.change)
    ground(dataset, overlap=False, **models)
    found = outcomes(dataset)
    statuses = [status for status, _ in found]
    if case.spared:
        assert sorted(statuses) == ["failed", "ok", "ok", "ok"]
    case.check(*found[statuses.index(case.outcome)])
    for box in dataset.values("frames[].e3m.detections[].bounding_box"):
        assert all(map(math.isfinite, box))
    for row in ("e3m_confidence", "frames[].e3m_relevance"):
        assert all(value is None or math.isfinite(value) for value in dataset.values(row))

"""The encoder that is taught what sentences mean."""

import numpy as np

from benchmarks.taught import Taught, direction
from fiftyone_e3m.e3m.arrays import unit
from fiftyone_e3m.e3m.contrast import Measured


def test_taught_pictures_fit_and_others_fit_worse_than_unrelated_sentences():
    rng = np.random.default_rng(3)
    common = np.array([1.0] + [0.0] * 15)
    shown = rng.random(200) < 0.2
    x = unit(common + 0.2 * rng.normal(size=(200, 16)) + np.outer(shown, np.eye(16)[5]))
    unrelated = unit(0.3 * common + rng.normal(size=(20, 16)))
    fit = Measured(x, unrelated).fit(direction(x, shown, unrelated))
    assert np.mean(fit[shown] > 0) > 0.95
    assert np.mean(fit[~shown] < 0) > 0.95


def test_other_texts_stay_as_they_are(fake_encoder):
    vector = unit(np.ones(fake_encoder.encode_texts(["a"]).shape[1]))
    encoder = Taught(fake_encoder, {"a man": vector})
    known, other = encoder.encode_texts(["a man", "a dog"])
    assert np.allclose(known, vector)
    assert (other == fake_encoder.encode_texts(["a man", "a dog"])[1]).all()

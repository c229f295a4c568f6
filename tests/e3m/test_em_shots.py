"""Tests that nothing crosses a cut: one shot never affects the features of another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def test_frames_of_each_shot(evidence, fitting):
    video = evidence(fitting([[0.5] * 5]), fitting([0.5] * 5), shot=[0, 0, 1, 2, 2])
    assert video.frame_rows.tolist() == [[0, 1, -1, -1, -1], [-1, -1, 2, -1, -1], [-1] * 3 + [3, 4]]


def test_frames_borrow_from_their_own_shot_only(evidence, fitting, one):
    regions, frames = fitting([[0.5] * 4]), fitting([0.9, 0.9, 0.2, 0.2])
    near = {"context": True, "context_tau": 10.0, "context_window": 0.4}
    joined = one(evidence(regions, frames), **near).gamma
    cut = one(evidence(regions, frames, shot=[0, 0, 1, 1]), **near).gamma
    assert cut == pytest.approx([1.8, 1.8, 0.4, 0.4], abs=1e-5)
    assert joined[1] < 1.7
    assert joined[2] > 0.5


@pytest.mark.parametrize("link", ["viterbi", "argmax"])
@pytest.mark.parametrize("contrast", [True, False])
@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_what_another_shot_shows_does_not_change_the_fit_of_this_one(
    evidence, noise, one, link, contrast, before, after, seed
):
    """Tracks 0 and 1 belong to the first shot, 2 and 3 to the second."""
    n = before + after
    shot = np.repeat([0, 1], [before, after])
    kind = np.repeat([[1, 0], [0, 1]], [before, after], axis=1).repeat(2, axis=0)
    regions, frames = noise(seed, 4, n, 3), noise(seed + 1, n, 3)
    other = frames.copy(), regions.copy()
    other[0][before:], other[1][:, before:] = (
        noise(seed + 2, after, 3),
        noise(seed + 3, 4, after, 3),
    )
    how = {"context": True, "context_tau": 1.0, "link": link, "contrast": contrast}
    how |= {"size_weight": 1.0}
    one_video = one(evidence(regions, frames, regions, kind, shot=shot), **how)
    another = one(evidence(other[1], other[0], other[1], kind, shot=shot), **how)
    assert another.scores[:2] == pytest.approx(one_video.scores[:2], abs=1e-6, nan_ok=True)
    if link == "argmax" and contrast:
        assert another.picks[:before].tolist() == one_video.picks[:before].tolist()
        assert another.gamma[:before] == pytest.approx(one_video.gamma[:before], abs=1e-6)


@pytest.mark.parametrize("events", ["kmeans", "peak"])
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.booleans(), min_size=1, max_size=20),
    st.integers(0, 99),
    st.floats(0, 1),
)
def test_no_event_crosses_a_cut_whatever_the_ends_do(
    evidence, noise, one, events, cuts, seed, beta
):
    n = len(cuts)
    shot = np.cumsum(cuts)
    video = evidence(noise(seed, 2, n, 3), noise(seed + 1, n, 3), shot=shot)
    how = {"events": events, "beta": beta, "trim_partial": True}
    grounding = one(video, **how, contrast=True, context=True)
    assert len(set(shot[grounding.first : grounding.last + 1])) == 1
    for event in grounding.events:
        assert len(set(shot[event.first : event.last + 1])) == 1
    assert len({shot[event.first] for event in grounding.events if event.selected}) == 1

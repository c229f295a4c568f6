"""Tests the pictures of frames that are denoised around the picked object."""

import numpy as np
import pytest

from fiftyone_e3m.e3m.linking import NO_PICK
from fiftyone_e3m.features.canvas import Canvas

from .places import (
    ALL,
    BESIDE_OTHERS,
    CONFIG,
    DETECTED,
    KIND,
    PICKS,
    PLACES,
    M,
    N,
    T,
    config,
    encode_video,
    tracks_of,
)


def all_same(picked):
    return np.full(T, picked)


def denoised_by_hand(images, picks, encoder, view):
    size = encoder.image_size
    shown = []
    for t, pick in enumerate(picks):
        canvas = Canvas(images[t], size, 0.15)
        shown.append(canvas.sharp if pick == NO_PICK else view(canvas, pick, t))
    return encoder.encode_images(np.stack(shown))


@pytest.mark.parametrize("prompts", [("crop",), ("crop", "blur"), ("blur",)], ids=str)
def test_outside_blurs_all_but_the_pick(video, tracks, images, fake_encoder, prompts):
    evidence = encode_video(
        video, ALL, tracks, fake_encoder, config(prompts=prompts, denoise="outside")
    )
    by_hand = denoised_by_hand(
        images, PICKS, fake_encoder, lambda canvas, k, t: canvas.only(np.array(PLACES[k]))
    )
    assert evidence.around(PICKS) == pytest.approx(by_hand, abs=1e-5)


def test_others_blurs_the_other_detections_only(video, tracks, images, fake_encoder):
    evidence = encode_video(video, ALL, tracks, fake_encoder, config(denoise="others"))

    def view(canvas, k, t):
        others = [PLACES[j] for j in range(4) if j != k and KIND[j, t] == DETECTED]
        return canvas.without(np.array(others).reshape(-1, 4), np.array(PLACES[k]))

    by_hand = denoised_by_hand(images, PICKS, fake_encoder, view)
    assert evidence.around(PICKS) == pytest.approx(by_hand, abs=1e-5)


def test_denoising_looks_at_the_sampled_frames(video, images, fake_encoder):
    sampled, picks = np.array([2, 3]), np.array([0, 1])
    evidence = encode_video(
        video, sampled, tracks_of(KIND[:, sampled]), fake_encoder, config(prompts=("crop",))
    )
    by_hand = denoised_by_hand(
        [images[2], images[3]], picks, fake_encoder, lambda c, k, t: c.only(np.array(PLACES[k]))
    )
    assert evidence.around(picks) == pytest.approx(by_hand, abs=1e-5)


def test_others_leaves_a_frame_with_one_box_as_it_is(video, fake_encoder):
    alone = tracks_of(np.ones((1, T), np.int8))
    evidence = encode_video(video, ALL, alone, fake_encoder, config(denoise="others"))
    assert evidence.around(all_same(0)) == pytest.approx(evidence.frames)


@pytest.mark.parametrize("denoise", ["outside", "others"])
def test_a_frame_without_a_pick_keeps_its_own_feature(video, tracks, fake_encoder, denoise):
    evidence = encode_video(video, ALL, tracks, fake_encoder, config(denoise=denoise))
    denoised = evidence.around(PICKS)
    assert (denoised[-1] == evidence.frames[-1]).all()
    assert (denoised[1] != evidence.frames[1]).any()


@pytest.mark.parametrize(
    ("changes", "pictures"),
    [
        ({"denoise": "none"}, T + 2 * M),
        ({"denoise": "outside"}, T + 2 * M),  # the blur prompt is the denoised frame
        ({"denoise": "outside", "prompts": ("crop",)}, T + M + N),
        ({"denoise": "others"}, T + 2 * M + BESIDE_OTHERS),
    ],
    ids=str,
)
def test_what_denoising_costs(video, tracks, fake_encoder, changes, pictures):
    evidence = encode_video(video, ALL, tracks, fake_encoder, config(**changes))
    assert fake_encoder.n_images == pictures
    evidence.around(PICKS)
    assert fake_encoder.n_images == pictures


def test_without_denoising_frames_stay_whole(video, tracks, fake_encoder):
    evidence = encode_video(video, ALL, tracks, fake_encoder, config(denoise="none"))
    assert (evidence.around(PICKS) == evidence.frames).all()


def test_denoising_does_not_change_the_frames_own_features(video, tracks, fake_encoder):
    evidence = encode_video(video, ALL, tracks, fake_encoder, CONFIG)
    before = evidence.frames.copy()
    evidence.around(PICKS)[:] = 0
    assert (evidence.frames == before).all()

"""Tests that nothing is encoded twice, and that the cache never gives stale features."""

import typing

import numpy as np
import pytest

from fiftyone_e3m.config import E3MConfig, limits
from fiftyone_e3m.video import Video

from .places import (
    ALL,
    CONFIG,
    FPS,
    KIND,
    PICKS,
    STILL,
    M,
    T,
    always,
    config,
    encode_video,
    tracks_of,
)


@pytest.mark.parametrize("skip_change", [0, 0.2])
@pytest.mark.parametrize("overlap", [True, False])
def test_features_are_the_same_with_and_without_cache_and_overlap(
    video, tracks, fake_encoder, known_encoder, cache, skip_change, overlap
):
    settings = config(skip_change=skip_change)
    plain = encode_video(video, ALL, tracks, fake_encoder, settings, overlap=False)
    for _ in range(2):
        evidence = encode_video(
            video, ALL, tracks, known_encoder, settings, cache=cache, overlap=overlap
        )
        assert (evidence.regions == plain.regions).all()
        assert (evidence.frames == plain.frames).all()
        assert (evidence.around(PICKS) == plain.around(PICKS)).all()
        np.testing.assert_array_equal(evidence.camera, plain.camera)


def test_what_was_encoded_once_is_not_encoded_again(video, tracks, known_encoder, cache):
    encode_video(video, ALL, tracks, known_encoder, CONFIG, cache=cache)
    once = known_encoder.n_images
    encode_video(Video.open(video.path), ALL, tracks, known_encoder, CONFIG, cache=cache)
    assert known_encoder.n_images == once


def test_other_boxes_share_the_crops_that_are_the_same(video, known_encoder, cache):
    encode_video(video, ALL, tracks_of(KIND[:2]), known_encoder, CONFIG, cache=cache)
    known_encoder.batches.clear()
    evidence = encode_video(video, ALL, tracks_of(), known_encoder, CONFIG, cache=cache)
    assert known_encoder.n_images == 2 * np.count_nonzero(KIND[2:])
    plain = encode_video(video, ALL, tracks_of(), known_encoder, CONFIG)
    assert evidence.regions == pytest.approx(plain.regions, abs=1e-6)
    assert evidence.frames == pytest.approx(plain.frames, abs=1e-6)


def test_another_sampling_shares_the_frames_that_are_the_same(video, known_encoder, cache):
    encode_video(video, ALL, tracks_of(), known_encoder, CONFIG, cache=cache)
    known_encoder.batches.clear()
    some = np.array([1, 3, 4])
    encode_video(video, some, tracks_of(KIND[:, some]), known_encoder, CONFIG, cache=cache)
    assert known_encoder.n_images == 0


@pytest.mark.parametrize("what", ["crop_pad", "blur_sigma", "encoder", "input size", "video"])
def test_what_would_look_different_is_encoded(
    video, tracks, known_encoder, cache, what, tmp_path, draw_video
):
    encode_video(video, ALL, tracks, known_encoder, CONFIG, cache=cache)
    once, changes = known_encoder.n_images, {}
    if what == "encoder":
        known_encoder.fingerprint = "colours, version 2"
    elif what == "input size":
        known_encoder.image_size = (64, 48)
    elif what == "video":
        video = Video.open(draw_video(tmp_path / "v.mp4", [STILL] * T, fps=FPS))
    else:
        changes = {what: 0.3}
    encode_video(video, ALL, tracks, known_encoder, config(**changes), cache=cache)
    assert known_encoder.n_images == 2 * once


def test_an_encoder_that_does_not_say_who_it_is_is_asked_each_time(
    video, tracks, fake_encoder, cache
):
    for _ in range(2):
        encode_video(video, ALL, tracks, fake_encoder, CONFIG, cache=cache)
    assert fake_encoder.n_images == 2 * (T + 2 * M)


def test_a_frame_denoised_of_others_is_kept_with_the_others_in_its_name(
    video, known_encoder, cache
):
    settings = config(denoise="others")
    encode_video(video, ALL, tracks_of(KIND[:3]), known_encoder, settings, cache=cache)
    evidence = encode_video(video, ALL, tracks_of(), known_encoder, settings, cache=cache)
    plain = encode_video(video, ALL, tracks_of(), known_encoder, settings)
    assert evidence.denoised == pytest.approx(plain.denoised, abs=1e-6)
    known_encoder.batches.clear()
    encode_video(video, ALL, tracks_of(), known_encoder, settings, cache=cache)
    assert known_encoder.n_images == 0


def another_value(name):
    """A value of a parameter that differs from its default."""
    field, default = E3MConfig.model_fields[name], getattr(CONFIG, name)
    others = {
        "classes": ("thing",),
        "prompts": ("crop",),
        "text_template": "a photo of {query}",
        "skip_change": 0.9,
        "skip_seconds": 0.1,
    }
    if name in others:
        return others[name]
    if isinstance(default, bool):
        return not default
    if typing.get_origin(field.annotation) is typing.Literal:
        return next(v for v in typing.get_args(field.annotation) if v != default)
    low, high = limits(name)
    values = (type(default)(v) for v in (default / 2, default * 2, high, 1))
    return next(v for v in values if v not in (default, low))


@pytest.mark.parametrize("skip_change", [0.0, 0.05])
@pytest.mark.parametrize("name", E3MConfig.model_fields)
def test_no_parameter_gives_stale_features(video, known_encoder, cache, name, skip_change):
    """Also checks the marks of new parameters: one that changes features must be marked."""
    before = config(skip_change=skip_change)
    after = E3MConfig(**{**before.model_dump(), name: another_value(name)})
    encode_video(video, ALL, tracks_of(), known_encoder, before, cache=cache)
    cached = encode_video(video, ALL, tracks_of(), known_encoder, after, cache=cache)
    plain = encode_video(video, ALL, tracks_of(), known_encoder, after)
    assert cached.regions == pytest.approx(plain.regions, abs=1e-6)
    assert cached.frames == pytest.approx(plain.frames, abs=1e-6)
    assert cached.denoised == pytest.approx(plain.denoised, abs=1e-6)


def test_a_thing_at_rest_is_encoded_anew_if_it_must_be_shown_more_often(
    still, known_encoder, cache
):
    n, seldom = np.arange(20), config(skip_change=0.05, skip_seconds=2.0)
    often = config(skip_change=0.05, skip_seconds=0.5)
    encode_video(still, n, always(20), known_encoder, seldom, cache=cache)
    known_encoder.batches.clear()
    encode_video(still, n, always(20), known_encoder, often, cache=cache)
    assert known_encoder.n_images == 3 * (1 + 2 * 4)  # frame 0 of 0, 5, 10, 15 is cached

"""Tests what the encoder is shown, that each view is encoded once, and where its feature is stored.

Encoding takes nearly all of a run's time, so it is counted: T whole frames and one view per region
and prompt, whatever the number of sentences and iterations. A feature in the wrong row would make
the answer wrong without an error, so the drawn objects change colour from frame to frame.
"""

import numpy as np
import pytest

from fiftyone_e3m.candidates import sampling_rate
from fiftyone_e3m.e3m import Query, Tracks, find
from fiftyone_e3m.e3m.linking import NO_PICK
from fiftyone_e3m.encoders import BATCH
from fiftyone_e3m.features.canvas import Canvas, crop, resize
from fiftyone_e3m.video import TruncatedVideoError, Video

from .places import (
    ALL,
    CONFIG,
    CYCLE,
    FPS,
    KIND,
    PLACES,
    M,
    T,
    always,
    colour_of,
    config,
    encode_video,
    tracks_of,
)


def all_same(picked):
    return np.full(T, picked)


# Encoded once, in the right row


def test_each_frame_and_each_prompt_of_a_region_is_encoded_once(video, tracks, fake_encoder):
    encode_video(video, ALL, tracks, fake_encoder, config(prompts=("crop", "blur")))
    assert fake_encoder.n_images == T + 2 * M


@pytest.mark.parametrize("prompts", [("crop",), ("blur",)], ids=str)
def test_one_prompt_halves_the_cost(video, tracks, fake_encoder, prompts):
    encode_video(video, ALL, tracks, fake_encoder, config(prompts=prompts, denoise="none"))
    assert fake_encoder.n_images == T + M


def test_no_call_gets_more_images_than_a_batch(video, tracks, fake_encoder):
    encode_video(video, ALL, tracks, fake_encoder, CONFIG)
    assert T + 2 * M > BATCH
    assert max(fake_encoder.batches) == BATCH


def test_sentences_and_iterations_cost_no_encoding(video, tracks, fake_encoder):
    evidence = encode_video(video, ALL, tracks, fake_encoder, CONFIG)
    before = fake_encoder.n_images
    texts = fake_encoder.encode_texts([f"a {colour} box" for colour in CYCLE])
    find(evidence, [Query(text) for text in texts], config(n_iter=5), texts)
    assert fake_encoder.n_images == before


def test_the_feature_of_a_region_lands_where_the_tracks_say(video, tracks, fake_encoder):
    evidence = encode_video(video, ALL, tracks, fake_encoder, config(prompts=("crop",)))
    assert evidence.regions.shape == (M, 5)
    for (track, frame), feature in zip(tracks.regions, evidence.regions, strict=True):
        assert CYCLE[feature.argmax()] == colour_of(track, frame)
        assert feature.max() > 0.99


def test_a_region_is_the_mean_of_its_prompts(video, tracks, images, fake_encoder):
    evidence = encode_video(video, ALL, tracks, fake_encoder, config(crop_pad=0.2))
    size = fake_encoder.image_size
    for (track, frame), feature in zip(tracks.regions, evidence.regions, strict=True):
        box = np.array(PLACES[track], float)
        cut = crop(images[frame], box, 0.2, size)
        around = Canvas(images[frame], size, 0.15).only(box)
        mean = fake_encoder.encode_images(np.stack([cut, around])).mean(axis=0)
        assert feature == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_a_frame_is_encoded_whole_and_sharp(video, tracks, images, fake_encoder):
    evidence = encode_video(video, ALL, tracks, fake_encoder, CONFIG)
    whole = np.stack([resize(images[t], fake_encoder.image_size) for t in range(T)])
    assert evidence.frames == pytest.approx(fake_encoder.encode_images(whole))


@pytest.mark.parametrize(
    "prompts", [("crop",), ("blur",), ("crop", "blur"), ("blur", "crop")], ids=str
)
def test_all_features_have_length_one(video, tracks, fake_encoder, prompts):
    evidence = encode_video(video, ALL, tracks, fake_encoder, config(prompts=prompts))
    for vectors in (evidence.regions, evidence.frames, evidence.around(all_same(NO_PICK))):
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_order_of_prompts_does_not_matter(video, tracks, fake_encoder):
    one = encode_video(video, ALL, tracks, fake_encoder, config(prompts=("crop", "blur")))
    two = encode_video(video, ALL, tracks, fake_encoder, config(prompts=("blur", "crop")))
    picks = np.array([0, 1, 2, 3, 1, NO_PICK])
    assert one.regions == pytest.approx(two.regions, abs=1e-6)
    assert one.around(picks) == pytest.approx(two.around(picks), abs=1e-6)


def test_only_the_sampled_frames_are_looked_at(video, fake_encoder):
    sampled = np.array([1, 3])
    tracks = tracks_of(KIND[:, sampled])
    only_crops = config(prompts=("crop",), denoise="none")
    evidence = encode_video(video, sampled, tracks, fake_encoder, only_crops)
    assert fake_encoder.n_images == 2 + len(tracks.regions)
    assert evidence.fps == pytest.approx(FPS / 2)
    for (track, i), feature in zip(tracks.regions, evidence.regions, strict=True):
        assert CYCLE[feature.argmax()] == colour_of(track, sampled[i])


@pytest.mark.parametrize("denoise", ["outside", "others", "none"])
def test_a_video_without_boxes_has_the_features_of_its_frames(video, fake_encoder, denoise):
    nothing = Tracks(
        np.zeros((0, T, 4), np.float32), np.zeros((0, T), np.int8), np.zeros((0, T), np.float32), ()
    )
    evidence = encode_video(video, ALL, nothing, fake_encoder, config(denoise=denoise))
    assert fake_encoder.n_images == T
    assert evidence.regions.shape == (0, 5)
    assert (evidence.around(all_same(NO_PICK)) == evidence.frames).all()
    texts = fake_encoder.encode_texts(["a red box", "a dog", "a cat"])
    (grounding,) = find(evidence, [Query(texts[0])], config(denoise=denoise), texts[1:])
    assert (grounding.picks == NO_PICK).all()


def test_a_cut_off_video_is_told(tmp_path, draw_video, fake_encoder):
    path = draw_video(tmp_path / "v.avi", [{"red": PLACES[0]}] * 30, fps=FPS, codec="MJPG")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video, kind = Video.open(path), np.ones((1, 30), np.int8)
    with pytest.raises(TruncatedVideoError):
        encode_video(video, np.arange(30), tracks_of(kind), fake_encoder, CONFIG)


def test_the_evidence_knows_the_shots_and_the_size_of_the_frame(video, tracks, fake_encoder):
    shot = np.array([0, 0, 1, 1, 1, 2])
    evidence = encode_video(video, ALL, tracks, fake_encoder, CONFIG, shot)
    assert evidence.shot.tolist() == shot.tolist()
    assert evidence.size == (160, 120)
    alone = encode_video(video, ALL, tracks, fake_encoder, CONFIG)
    assert alone.shot.tolist() == [0] * T


# The sampling rate


@pytest.mark.parametrize(
    ("sampled", "rate", "expected"),
    [
        ([0, 5, 10, 15], 25, 5),
        ([0, 6, 12, 18], 29.97, 4.995),
        ([0, 10, 20], 25, 2.5),
        ([0, 1, 2, 3], 10, 10),
        ([0, 2, 5, 7, 10], 12.5, 5),
    ],
)
def test_the_sampling_rate_is_that_of_the_frames_taken(video, sampled, rate, expected):
    clip = Video(video.path, 100, rate, 160, 120)
    assert sampling_rate(clip, np.array(sampled), config(sample_fps=7.0)) == pytest.approx(expected)


def test_a_single_frame_has_the_rate_that_was_asked_for(video):
    assert sampling_rate(video, np.array([0]), config(sample_fps=7.0)) == 7.0


# Pictures that hardly change


def test_a_thing_at_rest_is_encoded_once_a_second(still, fake_encoder):
    settings = config(prompts=("crop",), denoise="none", skip_change=0.05, skip_seconds=1)
    encode_video(still, np.arange(20), always(20), fake_encoder, settings)
    assert fake_encoder.n_images == 2 * (1 + 4)


def test_what_is_not_encoded_has_the_features_of_its_neighbours(still, fake_encoder):
    settings = config(prompts=("crop",), denoise="none", skip_change=0.05, skip_seconds=1)
    sampled, tracks = np.arange(24), always(24)
    thin = encode_video(still, sampled, tracks, fake_encoder, settings)
    full = encode_video(still, sampled, tracks, fake_encoder, config(prompts=("crop",)))
    last_of_old, first_of_new = 4 * 11, 4 * 20  # encoded in frames 0, 10 and 20
    assert thin.regions[:last_of_old] == pytest.approx(full.regions[:last_of_old], abs=0.02)
    assert thin.regions[first_of_new:] == pytest.approx(full.regions[first_of_new:], abs=0.02)
    assert abs(full.regions[first_of_new] - full.regions[0]).max() > 0.5


def test_a_new_shot_begins_with_a_picture_of_its_own(still, fake_encoder):
    shot = np.repeat([0, 1], 10)
    nothing = tracks_of(np.zeros((0, 20), np.int8))
    settings = config(skip_change=1, skip_seconds=60)
    encode_video(still, np.arange(20), nothing, fake_encoder, settings, shot)
    assert fake_encoder.n_images == 2

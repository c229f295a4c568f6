"""Tests what the encoder is shown, that each view is encoded once, and where its feature is stored.

Encoding takes nearly all of a run's time, so it is counted: T whole frames and one view per region
and prompt, whatever the number of sentences and iterations. A feature in the wrong row would make
the answer wrong without an error, so the drawn objects change colour from frame to frame.
"""

import typing

import numpy as np
import pytest

from fiftyone_e3m import features
from fiftyone_e3m.candidates import sampling_rate
from fiftyone_e3m.config import E3MConfig, limits
from fiftyone_e3m.e3m import Query, Tracks, find
from fiftyone_e3m.e3m.linking import NO_PICK
from fiftyone_e3m.encoders import BATCH
from fiftyone_e3m.features.canvas import Canvas, crop, resize
from fiftyone_e3m.video import TruncatedVideoError, Video

FPS = 10.0
CONFIG = E3MConfig(
    sample_fps=FPS,
    prompts=("crop", "blur"),
    skip_change=0,
    crop_pad=0.0,
    blur_sigma=0.15,
    denoise="outside",
)
PLACES = [(0, 0, 40, 40), (60, 0, 110, 50), (10, 60, 60, 110), (90, 70, 150, 110)]
CYCLE = ["red", "green", "blue", "yellow"]
NONE, DETECTED, FILLED, EXTRAPOLATED = 0, 1, 2, 3
KIND = np.array(
    [
        [1, 1, 2, 1, 3, 0],
        [0, 1, 1, 1, 1, 0],
        [3, 1, 1, 2, 1, 0],
        [0, 0, 1, 1, 3, 0],
    ],
    np.int8,
)
T, M = KIND.shape[1], np.count_nonzero(KIND)
CANDIDATES = (KIND == DETECTED) | (KIND == FILLED)
N = np.count_nonzero(CANDIDATES)
BESIDE_OTHERS = np.count_nonzero(
    CANDIDATES & ((KIND == DETECTED).sum(axis=0) - (KIND == DETECTED) > 0)
)
ALL = np.arange(T)


def encode_video(video, sampled, tracks, encoder, config, *shot, **how):
    """`features.encode_video` at the rate of the sampled frames."""
    fps = sampling_rate(video, sampled, config)
    return features.encode_video(video, sampled, fps, tracks, encoder, config, *shot, **how)


def colour_of(track, frame):
    return CYCLE[(track + frame) % 4]


def config(**changes):
    return CONFIG.model_copy(update=changes)


def tracks_of(kind=KIND):
    """The four places as tracks; the last frame has no region."""
    box = np.repeat(np.array(PLACES, np.float32)[: len(kind), None], kind.shape[1], axis=1)
    score = np.where(kind == DETECTED, 0.9, 0).astype(np.float32)
    return Tracks(box, kind, score, ("thing",) * len(kind))


@pytest.fixture(scope="module")
def video(tmp_path_factory, draw_video):
    """An object at each place; all objects swap colours in every frame."""
    frames = [{colour_of(k, t): PLACES[k] for k in range(4)} for t in range(T)]
    return Video.open(draw_video(tmp_path_factory.mktemp("colours") / "v.mp4", frames, fps=FPS))


@pytest.fixture
def tracks():
    return tracks_of()


@pytest.fixture
def images(video):
    return dict(video.read(ALL))


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


# Frames denoised around the picked object


PICKS = np.array([0, 1, 2, 3, 1, NO_PICK])


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


STILL = dict(zip(CYCLE, PLACES, strict=True))


@pytest.fixture(scope="module")
def still(tmp_path_factory, draw_video):
    """Two seconds in which nothing moves, then all objects change colour."""
    swapped = dict(zip([*CYCLE[1:], CYCLE[0]], PLACES, strict=True))
    frames = [STILL] * 20 + [swapped] * 4
    return Video.open(draw_video(tmp_path_factory.mktemp("still") / "v.mp4", frames, fps=FPS))


def always(n):
    return tracks_of(np.ones((4, n), np.int8))


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


# The cache


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

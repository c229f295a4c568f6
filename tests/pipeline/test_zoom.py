"""Tests one video that is looked at twice, the second time more densely.

A blue box is in view throughout, a red one for some seconds.
"""

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.evaluation.metrics import TimedBoxes, tiou
from fiftyone_e3m.video import Video

SENTENCE = "a red box"


def test_another_look_finds_the_ends_that_a_thinned_video_hides(long_video, ground):
    truth = TimedBoxes(93, 122, {})
    thinned = E3MConfig(max_frames=9)
    ((coarse,), _) = ground(long_video, SENTENCE, config=thinned)
    ((close,), _) = ground(long_video, SENTENCE, config=thinned.model_copy(update={"zoom": True}))
    coarse_tiou, close_tiou = (
        tiou(TimedBoxes(a.tube.first, a.tube.last, {}), truth) for a in (coarse, close)
    )
    assert close_tiou > 0.9 > coarse_tiou
    assert len(close.tube.relevance) == 200
    assert (close.tube.relevance[:60] == coarse.tube.relevance[:60]).all()
    begin, end = close.tube.atomic.T
    assert (begin[0], end[-1]) == (0, 199)
    assert (begin[1:] == end[:-1] + 1).all(), "atomic events still tile the video"


def test_what_was_said_of_given_boxes_is_not_said_again_of_a_part(long_video, ground):
    config = E3MConfig(max_frames=9, zoom=True, max_boxes=1)
    _, notes = ground(long_video, SENTENCE, "a blue box", config=config)
    (told,) = [note for note in notes if "Raise max_boxes" in note]
    assert told.startswith("1 of 9 frames")


def test_a_video_that_was_not_thinned_is_not_looked_at_again(long_video, ground, fake_encoder):
    ((plain,), _) = ground(long_video, SENTENCE)
    once = fake_encoder.n_images
    ((zoomed,), _) = ground(long_video, SENTENCE, config=E3MConfig(zoom=True))
    assert fake_encoder.n_images == 2 * once
    assert (zoomed.tube.first, zoomed.tube.last) == (plain.tube.first, plain.tube.last)


def test_another_look_at_an_end_that_is_missing_takes_what_is_there(
    tmp_path, draw_video, fake_detector, ground
):
    """Sampled sparsely, the video seems to be complete."""
    frames = [{"blue": (10, 70, 40, 100)} for _ in range(200)]
    for i in range(150, 200):
        frames[i]["red"] = (i - 100, 10, i - 60, 50)
    path = draw_video(tmp_path / "v.avi", frames, codec="MJPG")
    frames_only = path.read_bytes().rpartition(b"idx1")[0]
    path.write_bytes(frames_only[: len(frames_only) * 93 // 100])
    config = E3MConfig(max_frames=10, zoom=True, shots=False)
    ((answer,), notes) = ground(Video.open(path), SENTENCE, config=config, source=fake_detector)
    assert tiou(TimedBoxes(answer.tube.first, answer.tube.last, {}), TimedBoxes(150, 186, {})) > 0.7
    assert ["were used" in note for note in notes] == [True]

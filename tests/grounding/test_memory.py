"""Pins that models that run out of memory ground all videos nevertheless, and that it is said."""

import pytest

ROOM = 4
"""Pictures or frames that fit into memory."""


@pytest.fixture
def short_of_memory(fake_encoder, fake_detector, monkeypatch):
    """Makes both models fail with more than four pictures or frames at a time."""

    def limit(model, method):
        whole = getattr(model, method)

        def limited(items):
            if len(items) > ROOM:
                raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return whole(items)

        monkeypatch.setattr(model, method, limited)

    def limit_both():
        limit(fake_encoder, "encode_images")
        limit(fake_detector, "detect")

    return limit_both


def answers(dataset):
    box = "frames.e3m.detections"
    names = ["frames.e3m_relevance", "e3m_events.detections.support", f"{box}.bounding_box"]
    return dataset.values(["e3m_confidence", *names, f"{box}.confidence"])


def test_answers_are_the_same_and_the_message_says_what_was_halved(make, ground, short_of_memory):
    roomy, tight = make("good", "late"), make("good", "late")
    assert ground(roomy, "a red box", cache=False).counts == {"ok": 2}
    short_of_memory()
    assert ground(tight, "a red box", cache=False).counts == {"ok": 2}
    assert answers(tight) == answers(roomy)
    first, second = tight.values("e3m_message")
    for model in ("encoder 'colours'", "detector 'rectangles'"):
        assert f"Memory ran out: {model} was given at most {ROOM} pictures at a time." in first
    assert "Memory" not in (second or ""), "by then it was known"

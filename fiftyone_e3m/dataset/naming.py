"""The sentences of boxes whose label may be only the beginning of one."""

from __future__ import annotations

from collections.abc import Sequence

Name = tuple[str | None, str | None]
"""The label of a box, and the sentence beside it, if there is one; see `labels.SENTENCE`."""


def whole_sentences(frames: Sequence[Sequence[Name]]) -> list[list[str | None]]:
    """The sentences of the boxes of one field of one video.

    A box that a person drew in the Annotate tab has only a label, which was chosen from those of
    the tubes: it means the sentence that other boxes of this label have.

    Args:
        frames: the names of the boxes of each frame.

    Returns:
        The sentence of each box, or else its label.

    Example:
        >>> whole_sentences([[("a grey van", "a grey van that waits")], [("a grey van", None)]])
        [['a grey van that waits'], ['a grey van that waits']]
    """
    long = {label: sentence for names in frames for label, sentence in names if sentence}
    return [[sentence or long.get(label, label) for label, sentence in names] for names in frames]

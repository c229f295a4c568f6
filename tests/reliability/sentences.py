"""Kinds of sentences in a field of a dataset, one kind per video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .table import REST, Case

NO_QUERY = f"There is no sentence in '{REST}' of this sample."
RED = "a red box"


@dataclass(frozen=True, kw_only=True)
class SentenceCase(Case):
    """A kind of sentence.

    Attributes:
        value: the value of the query field.
        labels: the labels of the events that it gets, in order; None for the value itself.
    """

    value: Any
    labels: list[str] | None = None


def same(what: str, text: str, says: str = "") -> SentenceCase:
    """A sentence that is grounded, and is the label of its event as it is."""
    return SentenceCase(what=what, outcome="ok", says=says, value=[f"{RED} {text}"])


SENTENCES = (
    SentenceCase(what="nothing", outcome="no_query", says=NO_QUERY, value=None, labels=[]),
    SentenceCase(what="empty list", outcome="no_query", says=NO_QUERY, value=[], labels=[]),
    SentenceCase(what="empty text", outcome="no_query", says=NO_QUERY, value=[""], labels=[]),
    SentenceCase(what="blanks", outcome="no_query", says=NO_QUERY, value=[" \t\n "], labels=[]),
    SentenceCase(what="a number", outcome="no_query", says=NO_QUERY, value=[5], labels=[]),
    SentenceCase(what="a dict", outcome="no_query", says=NO_QUERY, value=[{"a": RED}], labels=[]),
    SentenceCase(what="blanks around it", outcome="ok", value=[f"  {RED}\n"], labels=[RED]),
    SentenceCase(
        what="the same twice, and empty ones",
        outcome="ok",
        value=[RED, "", f" {RED} "],
        labels=[RED],
    ),
    SentenceCase(
        what="10,000 characters",
        outcome="ok",
        says=f"The sentence 'a red box {REST}' is longer than the encoder can read",
        value=[f"{RED} {'that stands still ' * 555}".strip()],
    ),
    same("Chinese", "站着不动"),
    same("Arabic, right to left", "يقف ساكنا"),
    same("emoji", "🟥🎬👩‍🚀"),
    same("digits", "12 345"),
    same("HTML", "<img src=x onerror=alert(1)><script>alert(1)</script>", "No class of boxes"),
    same("Markdown", "![x](https://example.org/x.png) [y](javascript:alert(1)) **z**"),
    same("mathematics", r"$\frac$ and $$x^2$$ \alpha"),
    same("markup of the terminal", "[red]x[/blue] [link=https://example.org]y[/link] \x1b[31m"),
    same("braces and percent signs", "{query} {0} %s %d {{x}}"),
    same("a line break within", "that\nstands\r\nstill"),
    same("control characters", "\x00 \x07 \x08 \x7f \u2028 x"),
    same("quotes, backslashes, semicolons", "' \" \\ ; -- DROP"),
    same("operators of the database", "$where {$ne: 1} a.b"),
)
"""Kinds of sentences and the status of each; all through `query_field`."""

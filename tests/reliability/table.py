"""The table of bad and odd input: what is tried, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass

GROUND, OPERATOR, COMMAND = "ground()", "operator", "command"
"""The ways by which a user reaches a case."""

REFUSED = "refused"
"""The outcome of a request that is not carried out at all."""

REST = "…"
"""Stands for what varies in a sentence: names, numbers, paths."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of input.

    Attributes:
        what: the input, in a few words.
        outcome: the status that the video gets, or `REFUSED`.
        says: the sentence that the user reads, with `REST` for what varies; empty for none.
    """

    what: str
    outcome: str
    says: str = ""

    def check(self, status: str | None, message: str | None) -> None:
        """Raises an AssertionError unless this status and message are right."""
        assert status == self.outcome, f"{self.what}: {status}, {message}"
        if not self.says:
            assert not message, f"{self.what}: {message}"
        at = 0
        for part in self.says.split(REST):
            found = (message or "").find(part, at)
            assert found >= 0, f"{self.what}: '{self.says}' expected, '{message}' found"
            at = found + len(part)

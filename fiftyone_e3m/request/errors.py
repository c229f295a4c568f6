"""The error of a request that cannot be carried out."""

from __future__ import annotations

from ..texts import Refusal


class GroundingError(Refusal, ValueError):
    """The request cannot be carried out; the message says what is wrong and what to do."""

"""Refusals: errors whose message a user reads, in Python or in the App."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 (a base of errors)
    """Something cannot be done; the message says what is wrong and what to do.

    Args:
        message: in the words of Python.
        in_app: in the words of the App, where they differ.

    Attributes:
        in_app: the message in the words of the App.

    Example:
        >>> error = Refusal("'gt' is taken. Pass overwrite=True.", "'gt' is taken. Tick Overwrite.")
        >>> print(error, error.in_app)
        'gt' is taken. Pass overwrite=True. 'gt' is taken. Tick Overwrite.
    """

    def __init__(self, message: str, in_app: str | None = None) -> None:
        super().__init__(message)
        self.in_app = in_app or message

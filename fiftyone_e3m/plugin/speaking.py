"""Who an operator talks to: a person in the App, or a program that called it."""

from __future__ import annotations

import fiftyone.operators as foo

from ..texts import Refusal


def from_app(ctx: foo.ExecutionContext) -> bool:
    """Whether the App sent the request, and not a program; it alone tells its own settings.

    An open form has a `prompt_id` too, but FiftyOne 1.22 leaves it out when the form is executed.
    """
    return getattr(ctx, "query_performance", None) is not None


def in_app(ctx: foo.ExecutionContext) -> bool:
    """Whether a person waits for the answer in the App."""
    return from_app(ctx) and not ctx.delegated


def told(ctx: foo.ExecutionContext, error: Refusal) -> str:
    """A refusal in the words of the App, or in those of Python for a program."""
    return error.in_app if in_app(ctx) else str(error)

"""Amounts as people say them."""

from __future__ import annotations


def about_time(seconds: float) -> str:
    """A length of time, rounded to what an estimate is good for.

    Example:
        >>> about_time(0.3), about_time(42), about_time(100), about_time(3600), about_time(20_000)
        ('1 s', '40 s', '2 min', '60 min', '5.6 h')
    """
    if seconds < 10:
        return f"{max(round(seconds), 1)} s"
    if seconds < 90:
        return f"{round(seconds / 10) * 10} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def counted(n: int, noun: str) -> str:
    """A number of things.

    Example:
        >>> counted(1, "video"), counted(1200, "video")
        ('1 video', '1,200 videos')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"

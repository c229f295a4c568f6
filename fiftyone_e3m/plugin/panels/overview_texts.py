"""Texts of the panel beside the grid: headline, table, last run, and a digest of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from typing import Any

from ...review.last_run import LastRun
from ...review.overview import Overview, Row
from ...texts import code, escape_markdown, shortened

SENTENCES, SENTENCE = 10, 200
"""Most sentences of a run that are listed, and most characters of each."""
IN_TABLE = 100
"""Most characters of a sentence in the table."""


def digest(fields: Sequence[str], field: str, change: Sequence[Any], run: LastRun | None) -> str:
    """What the panel is about, in short: another digest means that something has changed.

    Args:
        fields: the groundings to choose from.
        field: the chosen one.
        change: the latest of the dataset, see `latest_change`.
        run: the last run.
    """
    parts: list[Any] = [fields, field, change]
    if run:
        parts += [run.key, run.state, run.progress, run.stopping, run.seems_killed]
    return md5(repr(parts).encode(), usedforsecurity=False).hexdigest()


def table_row(row: Row) -> dict[str, str]:
    """A row of the table."""
    verdict = "" if row.score is None else f"{row.score:.2f} {'right' if row.right else 'wrong'}"
    return {
        "sentence": f"{shortened(row.query, IN_TABLE)} ({row.video})",
        "event": f"{row.start:.1f} - {row.end:.1f} s",
        "confidence": f"{row.confidence:.2f}",
        "state": row.state,
        "score": verdict,
    }


def headline(overview: Overview) -> str:
    """Numbers of videos by status, and of events, as Markdown."""
    parts = [f"{n} {escape_markdown(status)}" for status, n in overview.statuses.items()]
    never = overview.n_videos - sum(overview.statuses.values())
    parts += [f"{never} not grounded"] if never else []
    states = ", ".join(f"{n} {state}" for state, n in overview.states.items())
    return (
        f"**{overview.n_videos} videos:** {', '.join(parts)}; {overview.n_events} events: {states}"
    )


def run_text(run: LastRun) -> str:
    """The last run as Markdown: state, counts, time, settings."""
    config, settings = run.config, run.config.settings
    lines = [f"**Last run** {code(run.key)}: {escape_markdown(_state(run))}"]
    if run.state != "running":
        counts = ", ".join(f"{n} {escape_markdown(s)}" for s, n in config.counts.items())
        lines.append(f"{counts or 'no video'} in {config.seconds:.0f} s")
    asked = settings["query"] or settings["query_field"]
    shortly = [shortened(text, SENTENCE) for text in asked[:SENTENCES]]
    named = ", ".join(f"“{escape_markdown(t)}”" if settings["query"] else code(t) for t in shortly)
    named += f" and {len(asked) - SENTENCES} more" if asked[SENTENCES:] else ""
    boxes = f"frames.{settings['boxes_field']}" if settings["boxes_field"] else settings["detector"]
    models = f"query: {named}; encoder {code(settings['encoder'])}, boxes {code(boxes)}"
    device = getattr(config, "device", None)  # earlier versions did not note it
    models += f", on {code(device)}" if device else ""
    given = settings.get("events_field")  # earlier versions had none
    lines.append(
        f"{models}, time from {code(given)} ({settings['events_role']})" if given else models
    )
    return "  \n".join(lines)


def _state(run: LastRun) -> str:
    if run.progress is None or run.state == "finished":
        return run.state
    state = run.state
    if run.seems_killed:
        state = "running or killed"
    elif run.state == "running" and run.stopping:
        state = "stopping before its next video"
    return f"{state}, {run.progress}"

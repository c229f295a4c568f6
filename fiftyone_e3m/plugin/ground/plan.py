"""What a run is going to do, in a few sentences, before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import fiftyone as fo

from ...candidates import missing_weights as missing_detector
from ...dataset.rates import length_of, pace_of
from ...dataset.schema import Fields
from ...encoders import Download
from ...encoders import missing_weights as missing_encoder
from ...request import Request
from ...texts import about_time, code, counted, escape_markdown


def plan_of(dataset: fo.Dataset, request: Request, ids: Sequence[str]) -> str:
    """What a run will do, as Markdown: how many videos, how long, what is fetched and written.

    Args:
        dataset: the dataset.
        request: a request that was checked.
        ids: the samples that it will ground.
    """
    downloads = "\n".join(f"* {line}" for line in _downloads(request))
    return "\n".join(
        filter(None, [f"* {_work(dataset, request, ids)}", downloads, f"* {_fields(request)}"])
    )


def _work(dataset: fo.Dataset, request: Request, ids: Sequence[str]) -> str:
    """How many videos, and how long they and the work on them take."""
    length, pace = length_of(dataset, ids), pace_of(dataset, request)
    lasting = "" if length is None else f" ({about_time(length)} long in all)"
    videos = f"**{counted(len(ids), 'video')}**{lasting}"
    if pace is None:
        return f"{videos}; how long it takes is not known yet: a preview with these models tells."
    work = pace.rate * (len(ids) * pace.length if length is None else length)
    return f"{videos} in about {about_time(work)}, at the pace of earlier ones."


def _downloads(request: Request) -> Iterator[str]:
    """The weights that are not on this machine."""
    found: list[Download | None] = []
    if isinstance(request.encoder, str):
        found.append(missing_encoder(request.encoder))
    if request.boxes_field is None and isinstance(request.detector, str):
        found.append(missing_detector(request.detector))
    for download in filter(None, found):
        yield (
            f"**Not on this machine**: {escape_markdown(str(download))}. It is downloaded first; "
            "without a network the run ends at once."
        )


def _fields(request: Request) -> str:
    """The fields that are written."""
    fields = Fields(request.field)
    names = [f"frames.{fields.tube}", f"frames.{fields.relevance}"]
    if len(request.queries) > 1:
        names.append(f"frames.{fields.queries}")
    return f"Writes {', '.join(map(code, [*names, *fields.of_samples]))}."

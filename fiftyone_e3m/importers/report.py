"""The report of an import: every record that was left out or changed, with the reason."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EXAMPLES = 3
"""Maximum number of problems printed per kind."""

LEFT_OUT = {
    "bad_record": "records that cannot be read",
    "no_sentence": "records without a sentence",
    "no_boxes": "sentences without a usable box in their event",
    "no_target": "sentences whose target has no trajectory",
    "no_event": "sentences whose event has no frame in the video",
    "missing_video": "sentences whose video is missing",
    "unreadable_video": "sentences whose video cannot be read",
    "missing_trajectories": "sentences whose file of trajectories is missing or broken",
}
"""Heading of each kind of problem whose sentence is not imported."""

KEPT = {
    "span_differs": "events whose times disagree with their number of boxes (the boxes are used)",
    "not_english": "records of HC-STVG v2 without an English sentence (another one is used)",
    "event_cut": "events clipped to the frames of the video or segment",
    "boxes_interpolated": "tubes with interpolated boxes",
    "boxes_missing": "tubes without a box at an end of their event",
    "boxes_cut": "tubes with boxes clipped to the frame",
    "boxes_dropped": "tubes with invalid boxes: not four numbers, no area, or outside the frame",
    "size_differs": "videos whose size differs from the annotation (boxes are scaled)",
    "rate_differs": "videos whose frame rate differs from the annotation (frames are renumbered)",
    "length_differs": "videos whose number of frames differs from the annotation",
    "black_video": "sentences about videos that decode black",
    "repeated_sentence": "sentences repeated in the same video (imported as a separate sample)",
}
"""Heading of each kind of problem whose sentence is imported."""


@dataclass(frozen=True)
class Problem:
    """A record that was left out, or that differs from its annotation.

    Attributes:
        kind: a key of `LEFT_OUT` or `KEPT`.
        video: name of the video; which records, if one problem stands for many.
        message: what is wrong, with the values.
        n: number of sentences or events affected.
    """

    kind: str
    video: str
    message: str
    n: int = 1

    def __str__(self) -> str:
        return f"{self.video}: {self.message}"


@dataclass
class ImportReport:
    """What was imported and what was not; ``print(report)`` shows counts and examples.

    Attributes:
        sentences: number of imported sentences.
        samples: number of imported samples.
        problems: all problems, in order of occurrence.
    """

    sentences: int = 0
    samples: int = 0
    problems: list[Problem] = dataclasses.field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Number of sentences or events that each kind of problem affects."""
        counts: Counter[str] = Counter()
        for problem in self.problems:
            counts[problem.kind] += problem.n
        return dict(counts)

    @property
    def left_out(self) -> int:
        """Number of sentences not imported; an unreadable record counts as one."""
        return sum(n for kind, n in self.counts.items() if kind in LEFT_OUT)

    def __str__(self) -> str:
        total = self.sentences + self.left_out
        lines = [f"Imported: {self.sentences} of {total} sentences, samples: {self.samples}."]
        for headings, prefix in ((LEFT_OUT, "left out, "), (KEPT, "")):
            for kind, heading in headings.items():
                of_kind = [problem for problem in self.problems if problem.kind == kind]
                if not of_kind:
                    continue
                lines.append(f"{prefix}{heading}: {self.counts[kind]}")
                lines += [f"  {problem}" for problem in of_kind[:EXAMPLES]]
                if len(of_kind) > EXAMPLES:
                    lines.append(f"  and {len(of_kind) - EXAMPLES} more")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """All values, JSON-serializable."""
        return {**dataclasses.asdict(self), "left_out": self.left_out, "counts": self.counts}

    def to_json(self) -> str:
        """All values as JSON."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ImportReport:
        """Restores a report from `to_dict`."""
        problems = [Problem(**problem) for problem in values["problems"]]
        return cls(values["sentences"], values["samples"], problems)

    @classmethod
    def merged(cls, reports: list[ImportReport]) -> ImportReport:
        """Merges the reports of several parts of a dataset."""
        return cls(
            sum(report.sentences for report in reports),
            sum(report.samples for report in reports),
            [problem for report in reports for problem in report.problems],
        )

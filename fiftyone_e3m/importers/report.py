"""What an importer came across: every record that was left out or changed, with its reason."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EXAMPLES = 3
"""Problems of a kind that are printed."""

LEFT_OUT = {
    "bad_record": "records that cannot be read",
    "no_sentence": "records without a sentence",
    "no_boxes": "sentences without a usable box in their event",
    "no_target": "sentences whose target has no trajectory",
    "no_event": "sentences whose event lasts no frame of the video",
    "missing_video": "sentences whose video is missing",
    "unreadable_video": "sentences whose video cannot be read",
    "missing_trajectories": "sentences whose file of trajectories is missing or broken",
}
"""What a kind of problem is called; the sentence is not imported."""

KEPT = {
    "span_differs": "events whose times disagree with their number of boxes (the boxes count)",
    "event_cut": "events cut to the frames of the video or segment",
    "boxes_interpolated": "tubes with boxes interpolated between others",
    "boxes_missing": "tubes without a box at an end of their event",
    "boxes_cut": "tubes with boxes cut to the frame",
    "boxes_dropped": "tubes with boxes that are none: no numbers, no area, or outside the frame",
    "size_differs": "videos of another size than annotated (boxes are scaled)",
    "rate_differs": "videos of another frame rate than annotated (frame numbers are scaled)",
    "length_differs": "videos with another number of frames than annotated",
    "repeated_sentence": "sentences asked again in the same video (in a sample of its own)",
}
"""What a kind of problem is called; the sentence is imported."""


@dataclass(frozen=True)
class Problem:
    """A record that was left out, or that is not quite what the annotation says.

    Attributes:
        kind: a key of `LEFT_OUT` or `KEPT`.
        video: name of the video.
        message: what was found, with the values.
        n: number of sentences it concerns.
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
        sentences: number of sentences imported.
        samples: number of samples they are in.
        problems: all problems, in the order they were met.
    """

    sentences: int = 0
    samples: int = 0
    problems: list[Problem] = dataclasses.field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Number of problems of each kind; sentences, where the kind means to leave them out."""
        counts: Counter[str] = Counter()
        for problem in self.problems:
            counts[problem.kind] += problem.n if problem.kind in LEFT_OUT else 1
        return dict(counts)

    @property
    def left_out(self) -> int:
        """Number of sentences that were not imported; a record that cannot be read is one."""
        return sum(n for kind, n in self.counts.items() if kind in LEFT_OUT)

    def __str__(self) -> str:
        total = self.sentences + self.left_out
        lines = [f"Imported: {self.sentences} of {total} sentences, samples: {self.samples}."]
        for headings, prefix in ((LEFT_OUT, "left out, "), (KEPT, "")):
            for kind, heading in headings.items():
                found = [problem for problem in self.problems if problem.kind == kind]
                if not found:
                    continue
                lines.append(f"{prefix}{heading}: {self.counts[kind]}")
                lines += [f"  {problem}" for problem in found[:EXAMPLES]]
                if len(found) > EXAMPLES:
                    lines.append(f"  and {len(found) - EXAMPLES} more")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Everything, JSON-able."""
        return {**dataclasses.asdict(self), "left_out": self.left_out, "counts": self.counts}

    def to_json(self) -> str:
        """Everything as JSON."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ImportReport:
        """The report again from `to_dict`."""
        problems = [Problem(**problem) for problem in values["problems"]]
        return cls(values["sentences"], values["samples"], problems)

    @classmethod
    def merged(cls, reports: list[ImportReport]) -> ImportReport:
        """One report of several parts of a dataset."""
        return cls(
            sum(report.sentences for report in reports),
            sum(report.samples for report in reports),
            [problem for report in reports for problem in report.problems],
        )

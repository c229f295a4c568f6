"""Which tubes of a grounding are handed over: by a person's judgement and by confidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from fiftyone.core.collections import SampleCollection

from ..dataset.runs import grounding_fields
from ..dataset.schema import Fields
from ..dataset.states import State, values_and_states
from .reading import StoredVideo

Judged = dict[str, tuple[State, float]]
"""State and confidence of each sentence of a video."""


@dataclass
class Selection:
    """The tubes to hand over.

    Rejected tubes are always left out. Of a field that no grounding run wrote, nobody judged a
    sentence, so all tubes are handed over.

    Attributes:
        judged: state and confidence by sample id and sentence.
        only_accepted: leave out what was not accepted.
        confidence: leave out what nobody judged and has less.
        left: number of tubes that were left out, by reason.
    """

    judged: dict[str, Judged]
    only_accepted: bool = False
    confidence: float | None = None
    left: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(
        cls, samples: SampleCollection, tubes: str, only_accepted: bool, confidence: float | None
    ) -> Selection:
        """Reads the states and confidences of a field's sentences."""
        if tubes not in grounding_fields(samples._dataset):
            return cls({})
        events = Fields(tubes).events
        whole = samples._dataset.select(samples.values("id"))  # label filters are for boxes
        paths = ["id", f"{events}.detections.label", f"{events}.detections.confidence"]
        rows = zip(*values_and_states(whole, paths, events), strict=True)
        judged = {
            sample_id: {
                label: (state, value or 0.0)
                for label, value, state in zip(labels or [], values or [], states, strict=True)
            }
            for sample_id, labels, values, states in rows
        }
        return cls(judged, only_accepted, confidence)

    def take(self, video: StoredVideo) -> StoredVideo:
        """A video with the tubes that are handed over; counts the others."""
        known, kept = self.judged.get(video.sample_id, {}), []
        for tube in video.tubes:
            reason = self._against(*known.get(tube.sentence, ("to review", 0.0)))
            if reason and self.judged:
                self.left[reason] += 1
            else:
                kept.append(tube)
        return replace(video, tubes=kept)

    def _against(self, state: State, confidence: float) -> str:
        """Why a tube is left out; empty if it is not."""
        if state == "rejected":
            return state
        if self.only_accepted and state != "accepted":
            return "not accepted"
        if self.confidence is not None and state == "to review" and confidence < self.confidence:
            return f"with a confidence below {self.confidence:g}"
        return ""

    @property
    def remarks(self) -> list[str]:
        """A sentence on what was left out, if anything was."""
        reasons = ", ".join(f"{n} {reason}" for reason, n in self.left.items())
        return [f"Tubes left out: {reasons}."] if reasons else []

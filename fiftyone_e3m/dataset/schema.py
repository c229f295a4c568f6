"""The fields that a grounding is written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import fiftyone as fo

from .declaring import Kind, add_fields, within

TUBE_ATTRIBUTES = {
    "source": fo.StringField,
    "keyframe": fo.BooleanField,
    "sentence": fo.StringField,
    "class_name": fo.StringField,
    "track": fo.StringField,
}
"""Where a box comes from, whether a tool interpolates from it, its sentence, see
`labels.sentence_of`, its class, and the name of its track in the source of the boxes, see
`reading.track_names`."""
ORIGINAL_SUPPORT = "original_support"
EVENT_ATTRIBUTES = {
    # FiftyOne's Annotate tab knows no frame support but the event's
    ORIGINAL_SUPPORT: (fo.ListField, fo.IntField),
    "atomic_starts": (fo.ListField, fo.IntField),
    "prototype_frames": (fo.ListField, fo.IntField),
    "prototype_weights": (fo.ListField, fo.FloatField),
}
"""Lists on each event: its first and last frame as grounded, start frames of its atomic events,
frames and weights of its prototypes."""
CORRECTED = "corrected"
"""Attribute of a corrected event: true."""
REVIEW = "review"
"""Attribute of an event that a person judged: its state, see `states`."""
INDEX = "index"
"""Number of a sentence among those of its video, from 1: of its boxes and its event."""


@dataclass(frozen=True)
class Fields:
    """Names of all fields of a grounding, derived from the tube field.

    Attributes:
        tube: frame field of `Detections` that holds the tube; the prefix of all other names.
    """

    tube: str

    @property
    def relevance(self) -> str:
        """Frame field, float: relevance of every frame, the maximum over the queries."""
        return f"{self.tube}_relevance"

    @property
    def queries(self) -> str:
        """Frame field of `Classifications`: relevance per query, where there is more than one."""
        return f"{self.tube}_queries"

    @property
    def original(self) -> str:
        """Frame field of `Detections`: the original tube of sentences that a user corrected."""
        return f"{self.tube}_original"

    @property
    def events(self) -> str:
        """Sample field of `TemporalDetections`: one event per query."""
        return f"{self.tube}_events"

    @property
    def confidence(self) -> str:
        """Sample field, float: mean confidence of the events."""
        return f"{self.tube}_confidence"

    @property
    def status(self) -> str:
        """Sample field, string: the outcome; written last, so a sample without it is not done."""
        return f"{self.tube}_status"

    @property
    def message(self) -> str:
        """Sample field, string: why the status is not ok, or what was unusual."""
        return f"{self.tube}_message"

    @property
    def of_frames(self) -> tuple[str, ...]:
        """All frame fields."""
        return self.tube, self.relevance, self.queries, self.original

    @property
    def of_samples(self) -> tuple[str, ...]:
        """All sample fields."""
        return self.events, self.confidence, self.status, self.message

    @property
    def types(self) -> dict[str, type]:
        """The type of each field, by path: a label class or a FiftyOne field class."""
        return {
            f"frames.{self.tube}": fo.Detections,
            f"frames.{self.relevance}": fo.FloatField,
            f"frames.{self.queries}": fo.Classifications,
            f"frames.{self.original}": fo.Detections,
            self.events: fo.TemporalDetections,
            self.confidence: fo.FloatField,
            self.status: fo.StringField,
            self.message: fo.StringField,
        }

    def declare(self, dataset: fo.Dataset, several_queries: bool) -> None:
        """Adds the fields to a dataset's schema, so that they exist even if no result is written.

        Args:
            dataset: a video dataset.
            several_queries: whether any video has more than one query.
        """
        on_demand = {f"frames.{self.original}"}
        if not several_queries:
            on_demand.add(f"frames.{self.queries}")
        fields: dict[str, Kind] = {
            path: kind for path, kind in self.types.items() if path not in on_demand
        }
        fields |= within(f"frames.{self.tube}", TUBE_ATTRIBUTES)
        fields |= within(self.events, EVENT_ATTRIBUTES | {INDEX: fo.IntField})
        add_fields(dataset, fields)

    def declare_originals(self, dataset: fo.Dataset) -> None:
        """Adds the fields that corrections keep the originals in to a dataset's schema."""
        path = f"frames.{self.original}"
        event = {
            CORRECTED: fo.BooleanField,
            REVIEW: fo.StringField,
            ORIGINAL_SUPPORT: EVENT_ATTRIBUTES[ORIGINAL_SUPPORT],
        }
        fields = {path: self.types[path]} | within(path, TUBE_ATTRIBUTES)
        add_fields(dataset, fields | within(self.events, event))

    def declare_review(self, dataset: fo.Dataset) -> None:
        """Adds the attribute for the states of a review to a dataset's schema."""
        add_fields(dataset, within(self.events, {REVIEW: fo.StringField}))

    def present(self, dataset: fo.Dataset) -> list[str]:
        """The fields that exist in a dataset, sample fields first."""
        of_frames = dataset.get_frame_field_schema() or {}
        of_samples = dataset.get_field_schema()
        return [name for name in self.of_samples if name in of_samples] + [
            f"frames.{name}" for name in self.of_frames if name in of_frames
        ]

    def mistyped(self, dataset: fo.Dataset) -> list[str]:
        """The existing fields whose type is not that of a grounding's field."""
        fields = {name: dataset.get_field(name) for name in self.present(dataset)}
        return [
            name
            for name, field in fields.items()
            if getattr(field, "document_type", type(field)) is not self.types[name]
        ]

    def read_only(self, dataset: fo.Dataset) -> list[str]:
        """The existing fields that FiftyOne does not let anyone write to, or parts of them."""
        of_frames = dataset.get_frame_field_schema(flat=True) or {}
        schema = {**dataset.get_field_schema(flat=True)}
        schema |= {f"frames.{name}": field for name, field in of_frames.items()}
        roots = tuple(f"{path}." for path in self.types)
        return [
            path
            for path, field in schema.items()
            if field.read_only and f"{path}.".startswith(roots)
        ]

    def complete(self, dataset: fo.Dataset) -> bool:
        """Whether a dataset has all fields that every grounding has, with their types.

        A copy of samples has no field for a message where no sample has one.
        """
        optional = {f"frames.{self.queries}", f"frames.{self.original}", self.message}
        present = set(self.present(dataset)) - set(self.mistyped(dataset))
        return present >= set(self.types) - optional

    @staticmethod
    def clear(view: fo.DatasetView, present: Sequence[str]) -> None:
        """Clears some fields, by path, on the samples of a view.

        Args:
            view: the samples.
            present: the fields. Those that were just declared hold nothing, and to clear them would
                touch every frame that there is.
        """
        for name in present:
            if name.startswith("frames."):
                view.clear_frame_field(name.removeprefix("frames."))
            else:
                view.clear_sample_field(name)

"""The fields that a grounding is written to."""

from __future__ import annotations

from dataclasses import dataclass

import fiftyone as fo

TUBE_ATTRIBUTES = {"source": fo.StringField, "keyframe": fo.BooleanField}


@dataclass(frozen=True)
class Fields:
    """Names of all fields of a grounding, derived from one.

    Attributes:
        tube: frame field of `Detections`: the tube; also the name that all others start with.
    """

    tube: str

    @property
    def relevance(self) -> str:
        """Frame field, float: relevance of every frame, highest over the queries."""
        return f"{self.tube}_relevance"

    @property
    def queries(self) -> str:
        """Frame field of `Classifications`: relevance per query, where there is more than one."""
        return f"{self.tube}_queries"

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
        """Sample field, string: how it went; set last, so a sample without it is not done."""
        return f"{self.tube}_status"

    @property
    def message(self) -> str:
        """Sample field, string: why not ok, or what was unusual."""
        return f"{self.tube}_message"

    @property
    def of_frames(self) -> tuple[str, ...]:
        """All frame fields."""
        return self.tube, self.relevance, self.queries

    @property
    def of_samples(self) -> tuple[str, ...]:
        """All sample fields."""
        return self.events, self.confidence, self.status, self.message

    def declare(self, dataset: fo.Dataset, several_queries: bool) -> None:
        """Adds the fields to a dataset's schema, so that an empty result looks the same as a full one.

        Args:
            dataset: a video dataset.
            several_queries: whether any video is asked more than one query.
        """
        detections = dict(ftype=fo.EmbeddedDocumentField, embedded_doc_type=fo.Detections)
        events = dict(ftype=fo.EmbeddedDocumentField, embedded_doc_type=fo.TemporalDetections)
        dataset.add_frame_field(self.tube, **detections)
        for name, ftype in TUBE_ATTRIBUTES.items():
            dataset.add_frame_field(f"{self.tube}.detections.{name}", ftype)
        dataset.add_frame_field(self.relevance, fo.FloatField)
        if several_queries:
            dataset.add_frame_field(
                self.queries, fo.EmbeddedDocumentField, embedded_doc_type=fo.Classifications
            )
        dataset.add_sample_field(self.events, **events)
        dataset.add_sample_field(self.confidence, fo.FloatField)
        dataset.add_sample_field(self.status, fo.StringField)
        dataset.add_sample_field(self.message, fo.StringField)

    def present(self, dataset: fo.Dataset) -> list[str]:
        """Those of the fields that a dataset has, sample fields first."""
        of_frames = dataset.get_frame_field_schema() or {}
        of_samples = dataset.get_field_schema()
        return [name for name in self.of_samples if name in of_samples] + [
            f"frames.{name}" for name in self.of_frames if name in of_frames
        ]

    def clear(self, view: fo.DatasetView) -> None:
        """Empties the fields on the samples of a view."""
        for name in self.present(view._dataset):
            if name.startswith("frames."):
                view.clear_frame_field(name.removeprefix("frames."))
            else:
                view.clear_sample_field(name)

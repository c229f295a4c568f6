"""What a user asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import ValidationError

from ..cache import Cache, CacheError
from ..candidates import Detector
from ..config import E3MConfig
from ..encoders import Encoder
from .arguments import check_flag, check_text, check_texts, shown
from .device import check_given, check_there
from .errors import GroundingError
from .ray_options import RayOptions

DEFAULT_DETECTOR = "yolo11n.pt"
DEFAULT_ENCODER = "ViT-B-32/laion2b_s34b_b79k"

FRAMES = "frames."

EngineName = Literal["local", "ray"]
"""Which processes do the work: this one, or workers of a Ray cluster."""
EventsRole = Literal["window", "prior"]
"""What given events are: the exact events of their sentences, or only where these are likely."""
EVENTS_ROLES: tuple[EventsRole, ...] = ("window", "prior")


@dataclass(frozen=True)
class Request:
    """The arguments of `fiftyone_e3m.ground`, see there.

    Attributes:
        query: a sentence, or several, for all videos.
        query_field: or the sample field, or fields, that hold the sentences per video.
        field: name of the tube field.
        boxes_field: frame field of boxes to choose from.
        detector: or a detector's name, or a detector, that finds them; `DEFAULT_DETECTOR` without
            a boxes field.
        encoder: an encoder's name, or an encoder.
        config: all hyper-parameters.
        overwrite: replace what the fields hold.
        cache: keep boxes, cuts and features on disk.
        overlap: prepare the next video in threads.
        events_field: sample field of events that say when each sentence happens.
        events_role: whether they are exact or a prior.
        trust_remote_code: run program code that models bring along.
        engine: which processes do the work; the results do not depend on it.
        ray: options of the engine "ray".
        device: where models given by name run; None for the usual device of the machine.

    Raises:
        GroundingError: an argument has the wrong type, both a boxes field and a detector were
            given, or a device that cannot be had with the models or the engine.
    """

    query: str | Sequence[str] | None = None
    query_field: str | Sequence[str] | None = None
    field: str = "e3m"
    boxes_field: str | None = None
    detector: str | Detector | None = None
    encoder: str | Encoder = DEFAULT_ENCODER
    config: E3MConfig = E3MConfig()  # noqa: RUF009 (immutable)
    overwrite: bool = False
    cache: bool = True
    overlap: bool = True
    events_field: str | None = None
    events_role: EventsRole = "window"
    trust_remote_code: bool = False
    engine: EngineName = "local"
    ray: RayOptions = RayOptions()  # noqa: RUF009 (immutable)
    device: str | None = None

    def __post_init__(self) -> None:
        for name in ("query", "query_field"):
            if getattr(self, name) is not None:
                check_texts(name, getattr(self, name))
        check_text("field", self.field)
        for name in ("boxes_field", "events_field"):
            if getattr(self, name) is not None:
                check_text(name, getattr(self, name))
        for name in ("detector", "encoder"):
            if isinstance(getattr(self, name), str):
                check_text(name, getattr(self, name))
        for name in ("overwrite", "cache", "overlap", "trust_remote_code"):
            check_flag(name, getattr(self, name))
        if self.engine not in get_args(EngineName):
            given = shown(self.engine)
            raise GroundingError(f"engine is {given}, but it must be 'local' or 'ray'.")
        if not isinstance(self.ray, RayOptions):
            raise GroundingError(f"ray is {shown(self.ray)}, but it must be RayOptions.")
        if not isinstance(self.config, E3MConfig):
            raise GroundingError(
                f"config is {shown(self.config)}, but it must be an E3MConfig, such as "
                "E3MConfig(sample_fps=2)."
            )
        if self.boxes_field is None and self.detector is None:
            object.__setattr__(self, "detector", DEFAULT_DETECTOR)
        if self.boxes_field is not None and self.detector is not None:
            raise GroundingError(
                f"Boxes come from one place, but both the boxes field '{self.boxes_field}' and the "
                f"detector '{_name(self.detector)}' were given. Leave out one of them."
            )
        if self.device is not None:
            models = {"encoder": self.encoder, "detector": self.detector}
            objects = [kind for kind, model in models.items() if not isinstance(model, str | None)]
            check_given(self.device, objects, self.engine)

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Request:
        """The request whose `settings` these are; models given as objects are replaced by names.

        A parameter that an older version did not have takes the paper's value, as that version did
        not do it. Settings, parameters and choices that this version does not have are ignored.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        given = {k: v for k, v in settings.items() if k in names and v is not None}
        config = {k: v for k, v in settings["config"].items() if k in E3MConfig.model_fields}
        try:
            known = E3MConfig.preset("paper", **config)
        except ValidationError as error:
            gone = {problem["loc"][0] for problem in error.errors()}
            kept = {name: value for name, value in config.items() if name not in gone}
            known = E3MConfig.preset("paper", **kept)
        return cls(**{**given, "config": known})

    def check_device(self) -> None:
        """Checks, where the models are to run, that their device is there.

        Raises:
            GroundingError: it is not.
        """
        check_there(self.device)

    def open_cache(self) -> Cache | None:
        """The user's cache; None if the request or the user switches it off.

        Raises:
            GroundingError: the cache is set up wrongly.
        """
        try:
            return Cache.default() if self.cache else None
        except CacheError as error:
            raise GroundingError(str(error)) from None

    @property
    def queries(self) -> list[str]:
        """The sentences for all videos."""
        return sentences(self.query)

    @property
    def query_fields(self) -> list[str]:
        """The sample fields that hold the sentences."""
        return sentences(self.query_field)

    @property
    def frame_boxes(self) -> str | None:
        """The boxes field without the prefix ``frames.``."""
        return None if self.boxes_field is None else self.boxes_field.removeprefix(FRAMES)

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that affects the results, JSON-serialisable: arguments to call `ground` again.

        Models given as objects are represented by their names.
        """
        return {
            "query": None if self.query is None else self.queries,
            "query_field": self.query_fields or None,
            "field": self.field,
            "boxes_field": self.frame_boxes,
            "detector": None if self.detector is None else _name(self.detector),
            "encoder": _name(self.encoder),
            "config": self.config.model_dump(mode="json"),
            "events_field": self.events_field,
            "events_role": self.events_role if self.events_field else "window",
            "trust_remote_code": self.trust_remote_code,
        }


def sentences(value: Any) -> list[str]:
    """The sentences of a query or a query field's value: stripped, without duplicates or blanks.

    Whatever is no text is no sentence.

    Example:
        >>> sentences([" a man in a suit ", "", "a man in a suit"]), sentences(None)
        (['a man in a suit'], [])
    """
    values = [value] if isinstance(value, str) else [] if value is None else value
    stripped = (str(v).strip() for v in values if isinstance(v, str))
    return list(dict.fromkeys(text for text in stripped if text))


def _name(model: Any) -> str:
    """The name that identifies a model in a run record."""
    return model if isinstance(model, str) else getattr(model, "name", type(model).__name__)

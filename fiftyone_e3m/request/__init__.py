"""What a user asks for, and the error if it cannot be done."""

from .arguments import (
    check_box,
    check_flag,
    check_integer,
    check_number,
    check_text,
    check_texts,
    shown,
)
from .errors import GroundingError
from .ray_options import RayOptions
from .request import (
    DEFAULT_DETECTOR,
    DEFAULT_ENCODER,
    EVENTS_ROLES,
    FRAMES,
    EngineName,
    EventsRole,
    Request,
    sentences,
)

__all__ = [
    "DEFAULT_DETECTOR",
    "DEFAULT_ENCODER",
    "EVENTS_ROLES",
    "FRAMES",
    "EngineName",
    "EventsRole",
    "GroundingError",
    "RayOptions",
    "Request",
    "check_box",
    "check_flag",
    "check_integer",
    "check_number",
    "check_text",
    "check_texts",
    "sentences",
    "shown",
]

"""Access to FiftyOne datasets: schema, reading, writing, run records, checks."""

from .checks import check_request
from .marks import Marks, read_marks
from .reading import read_boxes, read_queries
from .schema import Fields
from .signals import request_stop
from .writing import write_answers, write_status

__all__ = [
    "Fields",
    "Marks",
    "check_request",
    "read_boxes",
    "read_marks",
    "read_queries",
    "request_stop",
    "write_answers",
    "write_status",
]

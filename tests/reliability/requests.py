"""Kinds of requests that are refused as a whole, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .table import REFUSED, REST, Case


@dataclass(frozen=True, kw_only=True)
class RequestCase(Case):
    """A request.

    Attributes:
        given: makes the arguments of `ground`, which may be used up by a first call.
        params: the parameters of the operator; None if it cannot be asked so.
        options: the options of the command line; None if it cannot be asked so.
    """

    outcome: str = REFUSED
    given: Callable[[], Mapping[str, Any]] | None = None
    params: Mapping[str, Any] | None = None
    options: Sequence[str] | None = None


def query(what: str, value: Any, says: str) -> RequestCase:
    """A query that is none; the operator gets it as well."""
    return RequestCase(
        what=what, says=says, given=lambda: {"query": value}, params={"query": value}
    )


def name(what: str, value: Any, says: str) -> RequestCase:
    """A name for the results' field, through all ways."""
    return RequestCase(
        what=what,
        says=says,
        given=lambda: {"field": value},
        params={"field": value} if value else None,
        options=["--field", str(value)] if isinstance(value, str) else None,
    )


def setting(what: str, parameter: str, value: Any, says: str) -> RequestCase:
    """A value of a hyper-parameter, through the ways that take values."""
    option = f"--{parameter.replace('_', '-')}"
    return RequestCase(
        what=what,
        says=says,
        params={"config": {parameter: value}},
        options=[option, str(value)],
    )


NOT_TEXT = f"query is {REST}, but it must be a string or a list of them."
NOT_ALL_TEXT = f"query contains {REST}, but all of it must be strings."
HALF = f"query is {REST}, which contains half of a character (a lone surrogate)."
NO_NAME = f"'{REST}' cannot be the name of a field. Use letters, digits and underscores."
ITS_OWN = f"FiftyOne itself uses the name '{REST}'. Choose another field name."
NUMBER = "Input should be a valid integer, unable to parse string as an integer"
AT_MOST_1 = "Input should be less than or equal to 1"
TEMPLATE = "it must contain {query} and no other braces"

REQUESTS = (
    RequestCase(
        what="empty sentence",
        says="The query is empty. Type a sentence, such as 'a man in a suit'.",
        given=lambda: {"query": " "},
        params={"query": "\n \n"},
        options=["--query", " "],
    ),
    query("number as sentence", 5, NOT_TEXT),
    query("bytes as sentence", b"a dog", NOT_TEXT),
    query("dict as sentence", {"a": "dog"}, NOT_TEXT),
    query("list of dicts", [{"a": "dog"}], NOT_ALL_TEXT),
    query("list of numbers", [1, 2], NOT_ALL_TEXT),
    query("half a character in a sentence", "a \ud800 dog", HALF),
    RequestCase(what="generator of sentences", says=NOT_TEXT, given=lambda: {"query": iter("ab")}),
    RequestCase(
        what="no sentence at all",
        says="Give a query for all videos or a query_field with one per video; neither was given.",
        given=lambda: {"query": None},
    ),
    RequestCase(
        what="field of sentences that is missing",
        says=f"There is no sample field 'nope' to take queries from. Fields with text: {REST}",
        given=lambda: {"query": None, "query_field": "nope"},
        params={"query": None, "query_field": "nope"},
    ),
    RequestCase(
        what="field of numbers as field of sentences",
        says="The query field 'number' holds IntField, not strings or lists of strings.",
        given=lambda: {"query": None, "query_field": "number"},
        params={"query": None, "query_field": "number"},
    ),
    RequestCase(
        what="field of boxes that is missing",
        says=f"The boxes field 'frames.nope' does not exist. Frame fields with detections: {REST}",
        given=lambda: {"boxes_field": "nope"},
        params={"boxes_field": "nope"},
        options=["--boxes-field", "nope"],
    ),
    RequestCase(
        what="polylines as boxes",
        says="The boxes field 'frames.lines' is not a field of Detections. Polylines have no "
        f"boxes; Polyline.to_detection() makes one of each. {REST}",
        given=lambda: {"boxes_field": "lines"},
        params={"boxes_field": "lines"},
    ),
    RequestCase(
        what="keypoints as boxes",
        says="The boxes field 'frames.points' is not a field of Detections. Keypoints have no "
        f"boxes; make a Detection around those of each object. {REST}",
        given=lambda: {"boxes_field": "points"},
        params={"boxes_field": "points"},
    ),
    RequestCase(
        what="a single Detection per frame as boxes",
        says="The boxes field 'frames.single' is not a field of Detections. It holds one Detection "
        f"per frame; Detections hold several. {REST}",
        given=lambda: {"boxes_field": "frames.single"},
        params={"boxes_field": "frames.single"},
    ),
    RequestCase(
        what="field of events that is missing",
        says=f"The events field 'nope' does not exist. Fields with temporal detections: {REST}",
        given=lambda: {"events_field": "nope"},
        params={"events_field": "nope"},
        options=["--events-field", "nope"],
    ),
    name("field name with a blank", "a b", NO_NAME),
    name("field name with a dot", "a.b", NO_NAME),
    name("field name that begins with a digit", "1st", NO_NAME),
    name("field name that begins with an underscore", "_mine", NO_NAME),
    name("field name of a database operator", "$set", NO_NAME),
    RequestCase(what="field name with a line break", says=NO_NAME, given=lambda: {"field": "a\n"}),
    name("field name that FiftyOne uses: id", "id", ITS_OWN),
    name("field name that FiftyOne uses: frame_number", "frame_number", ITS_OWN),
    name("field name of a method of frames", "copy", ITS_OWN),
    name("field name that is a number", 5, "field is 5, but it must be a string."),
    RequestCase(
        what="empty field name", says=NO_NAME, given=lambda: {"field": ""}, options=["--field", ""]
    ),
    RequestCase(
        what="field that holds something else",
        says=f"The dataset already has {REST}, which cannot hold a grounding. Choose another",
        given=lambda: {"field": "lines"},
        params={"field": "lines"},
    ),
    RequestCase(
        what="no configuration",
        says="config is None, but it must be an E3MConfig, such as E3MConfig(sample_fps=2).",
        given=lambda: {"config": None},
    ),
    RequestCase(
        what="configuration as a dict",
        says="config is {'beta': 0.5} (dict), but it must be an E3MConfig",
        given=lambda: {"config": {"beta": 0.5}},
    ),
    RequestCase(
        what="configuration as text",
        says="config is 'fast', but it must hold values by name.",
        params={"config": "fast"},
    ),
    RequestCase(
        what="unknown hyper-parameter",
        says="speed = 5: Extra inputs are not permitted.",
        params={"config": {"speed": 5}},
    ),
    setting("hyper-parameter out of its range", "beta", 1.5, AT_MOST_1),
    setting("hyper-parameter of NaN", "beta", "nan", AT_MOST_1),
    setting("text as a number", "max_frames", "many", NUMBER),
    setting("template without the sentence", "text_template", "a photo", TEMPLATE),
    setting("template with another field", "text_template", "{query.foo}", TEMPLATE),
    setting(
        "template that pads a line to 93 GB", "text_template", "{query:>99999999999}", TEMPLATE
    ),
    setting("template with an index", "text_template", "{query} {0}", TEMPLATE),
    RequestCase(
        what="unknown preset",
        says="There is no preset 'fast'. Use default or paper.",
        params={"preset": "fast"},
    ),
    RequestCase(
        what="overwrite as text",
        says="overwrite is 'no', but it must be True or False.",
        given=lambda: {"overwrite": "no"},
        params={"overwrite": "no"},
    ),
    RequestCase(
        what="cache as a number",
        says="cache is 0, but it must be True or False.",
        given=lambda: {"cache": 0},
    ),
)
"""Requests that are refused, with nothing written."""

"""Every hyper-parameter of E3M in one place: range, unit, default and source of the default.

Forms and command-line flags are generated from it: a parameter added here appears everywhere.

The ``source`` of a default says who chose it:

* ``E3M``: the paper's published structure requires it;
* a method's name (TubeDETR, ReCLIP, SORT, DeepSORT, TAG): the value used in that work;
* ``ours``: the paper's value is not published; the reason follows.

Constants that no user has a reason to change are defined where they are used, each with its reason:

* `e3m.em.FLOOR`: how much an irrelevant frame still counts when an object is chosen;
* `e3m.text_prototypes.EXEMPLARITY_TAU`, `e3m.text_prototypes.POOL_PER_PROTOTYPE`: how prototypes
  are weighted and from how many regions they are chosen;
* `e3m.clusters.RESTARTS`, `e3m.clusters.MAX_STEPS`: restarts and iterations of K-means;
* `e3m.kalman.POSITION_NOISE`, `e3m.kalman.VELOCITY_NOISE`, `e3m.kalman.INITIAL_POSITION`,
  `e3m.kalman.INITIAL_VELOCITY`, `e3m.kalman.DESIGN_FPS`, `e3m.kalman.MAX_VELOCITY_SCALE`: the
  motion model (DeepSORT);
* `e3m.contrast.MIN_SPREAD`, `e3m.additions.SEEN_IN_GAMMA`, `e3m.borders.VISIBLE`,
  `e3m.borders.TOUCH`: our additions to the method;
* `e3m.window.OUTSIDE`: how much a frame outside a given prior counts;
* `e3m.confidence.LOOKS`, `e3m.confidence.CLASS`, `e3m.confidence.COLOUR`, `e3m.confidence.LEAD`,
  `e3m.confidence.NOTHING`, `e3m.confidence.UNKNOWN_CLASS`, `e3m.confidence.EVEN_COLOUR`,
  `e3m.confidence.CLEAR_LEAD`: calibration of the confidence;
* `calibration.platt.SCALE_SPREAD`, `calibration.platt.SHIFT_SPREAD`,
  `calibration.platt.LEAST_SCALE`, `calibration.platt.EDGE`, `calibration.platt.FEWEST`,
  `calibration.platt.FEWEST_OF_EACH`: how far reviewed events move it;
* `e3m.colour.LEAST`, `e3m.colour.ENOUGH`, `e3m.motion.END_SHARE`, `e3m.motion.FULL_CROSSING`: how
  colours and motion are compared with those that a sentence names;
* `e3m.pace.REACH`, `e3m.pace.FAR`, `e3m.pace.SLOW`: what counts as moving and as staying;
* `features.camera.SIDE`, `features.camera.POINTS`, `features.camera.FEWEST`,
  `features.camera.APART`, `features.camera.SHARE`, `features.camera.NEAR`: how the camera's motion
  is found;
* `sentences.classes.KINDRED`: how well an animal's class fits an animal that has none;
* `e3m.identity.GAP`, `e3m.identity.OVERLAP`, `e3m.identity.GROWTH`,
  `e3m.identity.GROWTH_PER_SECOND`, `e3m.identity.INSIDE`, `e3m.identity.INSIDE_OTHER_CLASS`,
  `e3m.identity.STEPS`, `e3m.identity.STARTS`, `e3m.identity.SLACK`: which tracks make an object;
* `video.shots.WIDTH`, `video.shots.REACH`, `video.shots.SHORTEST`: how cuts are found, in
  addition to PySceneDetect's own values;
* `candidates.survey.TOLERATED_LOSS`: the share of a video that may be missing at its end;
* `candidates.ultralytics.LOWEST_SCORE`: the lowest score that a detector is asked for;
* `features.pictures.THUMB`, `features.pictures.GLANCE`: how `skip_change` compares pictures;
* `features.canvas.FINE_SIGMA`: how finely a blur is computed;
* `pipeline.ZOOM_MARGIN`, `pipeline.ZOOM_GAIN`: how far `zoom` looks, and when it is worth it;
* `encoders.bundled.RIDGE`: the ridge regression of the bundled encoder.
"""

from __future__ import annotations

import reprlib
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

Prompt = Literal["crop", "blur"]
PresetName = Literal["default", "paper"]
PRESET_HELP = "Settings to start from: our defaults, or the method as published."


Decides = Literal["regions", "picture", "selection", "answer"]
"""What a parameter affects:

* ``regions``: frames, boxes and tracks, which are part of every cache key anyway;
* ``picture``: what an encoder is shown of a region;
* ``selection``: which of these pictures are encoded;
* ``answer``: only what is computed from the features.

The cache keys of features are built from these marks, see `E3MConfig.marked`.
"""


def _parameter(
    default: Any,
    description: str,
    *,
    source: str,
    unit: str = "",
    group: str,
    decides: Decides,
    **limits: Any,
) -> Any:
    """A pydantic field with the metadata that forms, the cache and the documentation need."""
    return Field(
        default=default,
        description=description,
        json_schema_extra={"unit": unit, "source": source, "group": group, "decides": decides},
        **limits,
    )


class E3MConfig(BaseModel):
    """Settings of one grounding run; immutable, validated, and equal when all values are equal.

    Raises:
        pydantic.ValidationError: a value outside its range, or an unknown parameter.

    Example:
        >>> E3MConfig(sample_fps=2).sample_fps
        2.0
        >>> E3MConfig(beta=1.5)
        Traceback (most recent call last):
            ...
        pydantic_core._pydantic_core.ValidationError: 1 validation error for E3MConfig
        beta
          Input should be less than or equal to 1 ...
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Sampling
    sample_fps: float = _parameter(
        5.0,
        "Frames sampled per second of video; cost grows linearly with it.",
        source="TubeDETR",
        unit="1/s",
        group="Sampling",
        decides="regions",
        ge=0.001,
        le=60,
    )
    max_frames: int = _parameter(
        200,
        "Most frames sampled per video; a longer video is thinned evenly.",
        source="TubeDETR",
        unit="frames",
        group="Sampling",
        decides="regions",
        ge=1,
        le=5000,
    )
    zoom: bool = _parameter(
        False,
        "Where a video was thinned, sample again around each event, as densely as the other two "
        "parameters allow there; costs a second pass per sentence.",
        source="ours: off, as most videos are not thinned; see docs/performance.md",
        group="Sampling",
        decides="regions",
    )
    text_template: str = _parameter(
        "{query}",
        "The sentence given to the text encoder; must contain {query}.",
        source="ours: whole sentences need no wrapper such as ReCLIP's 'a photo of {query}'",
        group="Sampling",
        decides="answer",
    )

    # Boxes
    conf: float = _parameter(
        0.25,
        "Lowest detector score of a box.",
        source="ours: the usual default of detectors",
        group="Boxes",
        decides="regions",
        ge=0,
        le=1,
    )
    low_conf: float = _parameter(
        0.1,
        "Lowest score of a box that continues a track; below `conf` it begins none. 1 for none.",
        source="ByteTrack",
        group="Boxes",
        decides="regions",
        ge=0,
        le=1,
    )
    max_boxes: int = _parameter(
        10,
        "Most boxes per frame, best scores first.",
        source="ours: limits the encoder's work in crowded scenes",
        unit="boxes",
        group="Boxes",
        decides="regions",
        ge=1,
        le=300,
    )
    classes: tuple[str, ...] | None = _parameter(
        None,
        "Detector classes to keep; empty keeps all.",
        source="ours",
        group="Boxes",
        decides="regions",
    )
    duplicate_iou: float = _parameter(
        0.9,
        "Of two boxes in a frame that overlap more than this, the lower-scoring one is dropped.",
        source="ours: detectors suppress duplicates only within a class",
        unit="IoU",
        group="Boxes",
        decides="regions",
        gt=0,
        le=1,
    )
    min_side: float = _parameter(
        8.0,
        "Shortest side of a box.",
        source="ours",
        unit="px",
        group="Boxes",
        decides="regions",
        ge=0,
    )
    min_area: float = _parameter(
        1e-4,
        "Smallest area of a box.",
        source="ours",
        unit="of the frame",
        group="Boxes",
        decides="regions",
        ge=0,
        lt=1,
    )

    drop_unlikely: bool = _parameter(
        False,
        "Drop tracks whose class fits none of the sentences before anything is encoded.",
        source="ours: off, as a detector's classes can be wrong; see docs/performance.md",
        group="Boxes",
        decides="regions",
    )

    # Shots
    shots: bool = _parameter(
        True,
        "Detect shot cuts; tracks, visual context and events never cross one.",
        source="ours: after a cut, the same object is at best shown from another view",
        group="Shots",
        decides="regions",
    )

    # Region propagation
    propagate: bool = _parameter(
        True,
        "Kalman region propagation: fill the gaps in a track.",
        source="E3M",
        group="Region propagation",
        decides="regions",
    )
    extend_tracks: bool = _parameter(
        False,
        "Also propagate a track beyond both of its ends, as context; half of all regions are then "
        "extrapolated.",
        source="E3M extends; ours: off, as it brings no measurable gain, see docs/quality.md",
        group="Region propagation",
        decides="regions",
    )
    iou_gate: float = _parameter(
        0.3,
        "Lowest IoU at which a detection continues a track.",
        source="SORT",
        unit="IoU",
        group="Region propagation",
        decides="regions",
        ge=0,
        le=1,
    )
    buffer: float = _parameter(
        0.3,
        "Boxes are enlarged by this on each side before they are compared for tracking.",
        source="C-BIoU; few frames are sampled, so things move far from one to the next",
        unit="of the box",
        group="Region propagation",
        decides="regions",
        ge=0,
        le=2,
    )
    max_age: float = _parameter(
        1.0,
        "A track ends after this long without a detection.",
        source="ours: DeepSORT's 30 frames at 30 fps",
        unit="s",
        group="Region propagation",
        decides="regions",
        ge=0,
        le=60,
    )
    min_visible: float = _parameter(
        0.25,
        "A propagated region with a smaller share of its area inside the frame is dropped.",
        source="ours",
        unit="of the region",
        group="Region propagation",
        decides="regions",
        ge=0,
        le=1,
    )

    # Features
    prompts: tuple[Prompt, ...] = _parameter(
        ("crop", "blur"),
        "Views of a region to encode and average: its crop, and the frame blurred around it.",
        source="ReCLIP",
        group="Features",
        decides="selection",
        min_length=1,
    )
    skip_change: float = _parameter(
        0.15,
        "A crop or frame that differs by less than this from the last encoded one of its track or "
        "shot is not encoded; its feature is interpolated. 0 encodes everything.",
        source="ours: half the encodings at the same quality, see docs/performance.md",
        unit="mean difference of thumbnails, 0..1",
        group="Features",
        decides="selection",
        ge=0,
        le=1,
    )
    skip_seconds: float = _parameter(
        2.0,
        "Longest time after which a crop or frame is encoded again, changed or not.",
        source="ours: what has looked the same for two seconds shows no new event",
        unit="s",
        group="Features",
        decides="selection",
        ge=0.001,
        le=60,
    )
    crop_pad: float = _parameter(
        0.1,
        "Margin around a crop on each side.",
        source="ours: a little context, as detectors draw tight boxes",
        unit="of the box",
        group="Features",
        decides="picture",
        ge=0,
        le=2,
    )
    blur_sigma: float = _parameter(
        0.15,
        "Standard deviation of the blur.",
        source="ReCLIP (100 px on images of about 640 px)",
        unit="of the long side",
        group="Features",
        decides="picture",
        ge=0.001,
        le=1,
    )
    denoise: Literal["outside", "others", "none"] = _parameter(
        "outside",
        "Denoised frame of the E-step: blur everything outside the picked box, blur only the other "
        "boxes, or leave the frame as it is.",
        source="E3M blurs the irrelevant instances ('others'); 'outside' is as good, see "
        "docs/quality.md, and needs no extra encoding",
        group="Features",
        decides="selection",
    )

    # Context-based visual modulation
    context: bool = _parameter(
        True,
        "Context-based visual modulation: average a region's feature over neighbouring frames.",
        source="E3M",
        group="Visual context",
        decides="answer",
    )
    context_window: float = _parameter(
        0.6,
        "Reach of the context on each side.",
        source="ours",
        unit="s",
        group="Visual context",
        decides="answer",
        ge=0.001,
        le=30,
    )
    context_tau: float = _parameter(
        0.3,
        "Temperature of the context weights; at low values only look-alikes count.",
        source="ours: neighbours have cosines of about 0.8; at 0.1 they would weigh a tenth of the "
        "region itself and hardly anything would be averaged, at 0.3 they weigh half",
        group="Visual context",
        decides="answer",
        ge=0.001,
        le=10,
    )

    # Evidence
    contrast: bool = _parameter(
        True,
        "Measure how much better the sentence fits than unrelated sentences do, so that relevance "
        "has a true zero; otherwise cosines are stretched between the video's extremes.",
        source="ours: the least relevant frame of a video may still show the event",
        group="Evidence",
        decides="answer",
    )
    label_weight: float = _parameter(
        8.0,
        "Weight of the fit of the detector's class to the sentence's subject, relative to looks, "
        "where the detector is sure of it.",
        source="ours: the detector may recognise what the encoder misses",
        group="Evidence",
        decides="answer",
        ge=0,
        le=20,
    )
    size_weight: float = _parameter(
        3.0,
        "Preference for large objects: weight of the logarithm of a box's side.",
        source="ours: people describe what is in the foreground",
        group="Evidence",
        decides="answer",
        ge=0,
        le=10,
    )
    colour_weight: float = _parameter(
        3.0,
        "Weight of the colours that the sentence gives its subject, in the pixels of the box.",
        source="ours: encoders hardly see the colour of clothes on small boxes",
        group="Evidence",
        decides="answer",
        ge=0,
        le=20,
    )
    motion_weight: float = _parameter(
        4.0,
        "Weight of entering, leaving, crossing or approaching as the sentence says.",
        source="ours: an encoder sees single pictures and cannot tell who comes from the right",
        group="Evidence",
        decides="answer",
        ge=0,
        le=20,
    )
    pace_weight: float = _parameter(
        2.0,
        "Weight of moving about or staying in place as the sentence says, frame by frame.",
        source="ours: single pictures of somebody who walks and who stands are much alike",
        group="Evidence",
        decides="answer",
        ge=0,
        le=20,
    )
    pick_weight: float = _parameter(
        1.0,
        "Weight of the picked object's own fit in a frame's relevance, relative to the frame's.",
        source="ours: a frame without the object is not part of the event",
        group="Evidence",
        decides="answer",
        ge=0,
        le=10,
    )

    # Expectation-maximisation
    n_iter: int = _parameter(
        3,
        "Most EM iterations; EM stops early when picks and event repeat.",
        source="ours: nothing measurable changes after the first few",
        group="EM",
        decides="answer",
        ge=1,
        le=50,
    )

    # Prototype-based text modulation
    prototypes: bool = _parameter(
        True,
        "Prototype-based text modulation: move the text feature towards what it looks like here.",
        source="E3M",
        group="Text prototypes",
        decides="answer",
    )
    n_prototypes: int = _parameter(
        5,
        "Number of prototypes.",
        source="ours",
        group="Text prototypes",
        decides="answer",
        ge=1,
        le=100,
    )
    proto_pool: int = _parameter(
        40,
        "Number of most exemplary regions to choose prototypes from; at least 8 per prototype.",
        source="ours",
        unit="regions",
        group="Text prototypes",
        decides="answer",
        ge=1,
        le=10000,
    )
    proto_diversity: float = _parameter(
        0.5,
        "Weight of diversity relative to exemplarity.",
        source="ours",
        group="Text prototypes",
        decides="answer",
        ge=0,
        le=1,
    )
    alpha: float = _parameter(
        0.3,
        "Share of the prototypes in the calibrated text feature.",
        source="ours: small, as image-image cosines spread wider than text-image ones",
        group="Text prototypes",
        decides="answer",
        ge=0,
        le=1,
    )

    # Linking
    link: Literal["object", "viterbi", "argmax"] = _parameter(
        "object",
        "How scores select what is picked: one object per shot, the best path through the boxes, "
        "or the best box of each frame. Where boxes have an instance or index, it is one object.",
        source="ours: a sentence is about one object, and paths jump between several",
        group="Linking",
        decides="answer",
    )
    duration_weight: float = _parameter(
        2.0,
        "Preference for an object that is seen for long: weight of the logarithm of the relevant "
        "time in which it is seen.",
        source="ours: people describe what stays in the picture",
        group="Linking",
        decides="answer",
        ge=0,
        le=20,
    )
    link_weight: float = _parameter(
        1.0,
        "Reward for staying on the same track (or for overlap) between frames.",
        source="ours",
        group="Linking",
        decides="answer",
        ge=0,
        le=100,
    )

    # Events
    events: Literal["kmeans", "peak"] = _parameter(
        "kmeans",
        "Find atomic events by K-means, or take the run of frames around the most relevant one.",
        source="E3M",
        group="Events",
        decides="answer",
    )
    seconds_per_event: float = _parameter(
        4.0,
        "Video length per atomic event.",
        source="ours",
        unit="s",
        group="Events",
        decides="answer",
        ge=0.001,
        le=3600,
    )
    min_events: int = _parameter(
        3, "Fewest K-means clusters.", source="ours", group="Events", decides="answer", ge=1, le=100
    )
    max_events: int = _parameter(
        10,
        "Most K-means clusters.",
        source="TAG (9 for 30-second videos)",
        group="Events",
        decides="answer",
        ge=1,
        le=100,
    )
    time_weight: float = _parameter(
        1.0,
        "Weight of time relative to appearance in K-means.",
        source="TAG",
        group="Events",
        decides="answer",
        ge=0,
        le=100,
    )
    min_event: float = _parameter(
        0.6,
        "Shortest atomic event.",
        source="ours",
        unit="s",
        group="Events",
        decides="answer",
        ge=0,
        le=60,
    )
    beta: float = _parameter(
        0.6,
        "A neighbouring event joins the best one above this share of its relevance; with contrast, "
        "frames at the ends of the event join or leave it by the same share.",
        source="E3M gives the rule; the value is ours",
        group="Events",
        decides="answer",
        ge=0,
        le=1,
    )
    trim_partial: bool = _parameter(
        True,
        "Trim an event at both ends while the frame's edge hides more than half of its object.",
        source="ours: people mark when an object enters or leaves in this way",
        group="Events",
        decides="answer",
    )
    not_found_below: float = _parameter(
        0.0,
        "A sentence with lower confidence than this counts as not found and gets no tube; 0 "
        "grounds every sentence.",
        source="ours",
        group="Events",
        decides="answer",
        ge=0,
        le=1,
    )
    seed: int = _parameter(
        0,
        "Seed of K-means: same seed, same result.",
        source="ours",
        group="Events",
        decides="answer",
        ge=0,
        le=2**31,
    )

    @classmethod
    def preset(cls, name: PresetName, **changes: Any) -> E3MConfig:
        """A named preset, with some parameters changed.

        Args:
            name: ``"default"``, or ``"paper"``: the method as published, without our additions.
            changes: values of individual parameters.

        Raises:
            ValueError: there is no such preset.
            pydantic.ValidationError: as for the class itself.

        Example:
            >>> E3MConfig.preset("paper").contrast, E3MConfig.preset("paper", beta=0.7).beta
            (False, 0.7)
        """
        if name not in PRESETS:
            raise ValueError(f"There is no preset {name!r}. Use {' or '.join(PRESETS)}.")
        return cls(**{**PRESETS[name], **changes})

    def marked(self, decides: Decides) -> dict[str, Any]:
        """The values of all parameters that carry this mark, by name.

        Example:
            >>> E3MConfig().marked("picture")
            {'crop_pad': 0.1, 'blur_sigma': 0.15}
        """
        fields = type(self).model_fields.items()
        return {n: getattr(self, n) for n, field in fields if extra(field)["decides"] == decides}

    @field_validator("text_template")
    @classmethod
    def _template_holds_query(cls, value: str) -> str:
        around = value.split("{query}")
        if len(around) < 2 or any(brace in text for text in around for brace in "{}"):
            raise ValueError("it must contain {query} and no other braces")
        return value

    @field_validator("classes")
    @classmethod
    def _no_classes_is_all(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return value or None


PRESETS: dict[PresetName, dict[str, Any]] = {
    "default": {},
    "paper": {
        "shots": False,
        "low_conf": 1.0,
        "buffer": 0.0,
        "extend_tracks": True,
        "skip_change": 0.0,
        "denoise": "others",
        "context_tau": 0.1,
        "contrast": False,
        "label_weight": 0.0,
        "colour_weight": 0.0,
        "motion_weight": 0.0,
        "pace_weight": 0.0,
        "size_weight": 0.0,
        "pick_weight": 0.0,
        "link": "viterbi",
        "alpha": 0.2,
        "beta": 0.8,
        "trim_partial": False,
    },
}
"""Where each preset differs from the defaults."""


def extra(field: FieldInfo) -> dict[str, str]:
    """Unit, source, group and `Decides` of a parameter of `E3MConfig`."""
    return cast("dict[str, str]", field.json_schema_extra)


def first_problem(error: ValidationError) -> tuple[str, str]:
    """Where the first invalid value is, and what is wrong with it.

    Example:
        >>> try:
        ...     E3MConfig(beta=1.5)
        ... except ValidationError as error:
        ...     print(first_problem(error))
        ('beta', '1.5: Input should be less than or equal to 1')
    """
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return where, f"{reprlib.repr(first['input'])}: {first['msg'].removeprefix('Value error, ')}"


def limits(name: str) -> tuple[float | None, float | None]:
    """Smallest and largest value of a numeric parameter; None where it has no limit.

    Exclusive limits are returned too: forms cannot express them, and `E3MConfig` rejects the value.

    Example:
        >>> limits("beta"), limits("sample_fps")
        ((0, 1), (0.001, 60))
    """
    schema = E3MConfig.model_json_schema()["properties"][name]
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    return low, schema.get("maximum", schema.get("exclusiveMaximum"))

"""Every hyper-parameter of E3M, once: range, unit, default and where the default comes from.

Forms and command-line flags are drawn from it: a parameter added here appears everywhere.

The ``source`` of a default says who chose it:

* ``E3M``: the paper's published structure asks for it;
* a method's name (TubeDETR, ReCLIP, SORT, DeepSORT, TAG): that work's own value;
* ``ours``: the paper's value is not published; the reason stands in the description.

Constants that no user has a reason to change stand where they are used, each with its reason:

* `e3m.em.FLOOR`: what an irrelevant frame still counts when an object is chosen;
* `e3m.text_prototypes.EXEMPLARITY_TAU`, `e3m.text_prototypes.POOL_PER_PROTOTYPE`: how prototypes
  are weighted and from how many regions they are chosen;
* `e3m.clusters.RESTARTS`, `e3m.clusters.MAX_STEPS`: effort of K-means;
* `e3m.kalman.POSITION_NOISE`, `e3m.kalman.VELOCITY_NOISE`, `e3m.kalman.INITIAL_POSITION`,
  `e3m.kalman.INITIAL_VELOCITY`, `e3m.kalman.DESIGN_FPS`, `e3m.kalman.MAX_VELOCITY_SCALE`: the
  motion model (DeepSORT);
* `e3m.contrast.MIN_SPREAD`, `e3m.additions.LABEL_IN_GAMMA`, `e3m.borders.VISIBLE`,
  `e3m.borders.TOUCH`: our additions to the method;
* `e3m.confidence.EVEN_ODDS`, `e3m.confidence.ODDS_SCALE`, `e3m.confidence.SURE_LABEL`: calibration
  of the confidence;
* `sentences.queries.UNLIKELY`: which classes `drop_unlikely` drops;
* `video.shots.WIDTH`, `video.shots.REACH`, `video.shots.SHORTEST`: how cuts are found, beside
  PySceneDetect's own values;
* `candidates.survey.TOLERATED_LOSS`: how much of a video may be missing at its end;
* `candidates.ultralytics.LOWEST_SCORE`: scores that a detector is asked for at all;
* `features.pictures.THUMB`, `features.pictures.GLANCE`: how `skip_change` compares pictures;
* `features.canvas.FINE_SIGMA`: how finely a blur is computed;
* `pipeline.ZOOM_MARGIN`, `pipeline.ZOOM_GAIN`: what `zoom` looks at, and when it is worth it;
* `encoders.bundled.RIDGE`: the bridge of the bundled encoder.
"""

from __future__ import annotations

from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

Prompt = Literal["crop", "blur"]
PresetName = Literal["default", "paper"]
PRESET_HELP = "Settings to start from: ours, or the method as published."


Decides = Literal["regions", "picture", "selection", "answer"]
"""What a parameter decides:

* ``regions``: frames, boxes and tracks, which are part of every key of the cache anyway;
* ``picture``: what an encoder is shown of a region;
* ``selection``: which of these pictures are encoded;
* ``answer``: only what is made of the features.

The keys under which features are kept are made of these marks, see `E3MConfig.marked`.
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
    """A pydantic field that also carries what forms, the cache and the documentation need."""
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
        "Frames looked at per second of video; cost is linear in it.",
        source="TubeDETR",
        unit="1/s",
        group="Sampling",
        decides="regions",
        gt=0,
        le=60,
    )
    max_frames: int = _parameter(
        200,
        "Most frames looked at per video; a longer video is thinned evenly.",
        source="TubeDETR",
        unit="frames",
        group="Sampling",
        decides="regions",
        ge=1,
        le=5000,
    )
    zoom: bool = _parameter(
        False,
        "Where a video was thinned, look again around each event, as densely as the other two "
        "parameters allow there; costs another look per sentence.",
        source="ours: off, as most videos are not thinned; see docs/performance.md",
        group="Sampling",
        decides="regions",
    )
    text_template: str = _parameter(
        "{query}",
        "The sentence given to the text encoder; must contain {query}.",
        source="ours: whole sentences need no frame such as ReCLIP's 'a photo of {query}'",
        group="Sampling",
        decides="answer",
    )

    # Boxes
    conf: float = _parameter(
        0.25,
        "Lowest detector score of a box.",
        source="ours: the common default of detectors",
        group="Boxes",
        decides="regions",
        ge=0,
        le=1,
    )
    max_boxes: int = _parameter(
        10,
        "Most boxes per frame, best scores first.",
        source="ours: bounds the encoder's work in crowds",
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
        "Of two boxes of a frame that overlap more than this, the lower score is dropped.",
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
        "Leave out tracks whose class fits none of the sentences, before anything is encoded.",
        source="ours: off, as a detector's classes can be wrong; see docs/performance.md",
        group="Boxes",
        decides="regions",
    )

    # Shots
    shots: bool = _parameter(
        True,
        "Find the cuts of the video; tracks, visual context and events never cross one.",
        source="ours: an object after a cut is another picture of it at best",
        group="Shots",
        decides="regions",
    )

    # Region propagation
    propagate: bool = _parameter(
        True,
        "Kalman region propagation: fill the gaps of a track.",
        source="E3M",
        group="Region propagation",
        decides="regions",
    )
    extend_tracks: bool = _parameter(
        False,
        "Propagate a track beyond both of its ends as well, as context; half of all regions are "
        "such ones.",
        source="E3M extends; ours: off, as it is measured to bring nothing, see docs/quality.md",
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
        "A propagated region with less of its area inside the frame is dropped.",
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
        "Views of a region that are encoded and averaged: its crop, the frame blurred around it.",
        source="ReCLIP",
        group="Features",
        decides="selection",
        min_length=1,
    )
    skip_change: float = _parameter(
        0.15,
        "A crop or frame that differs less than this from the last encoded one of its track or "
        "shot is not encoded but interpolated; 0 encodes all.",
        source="ours: half the encodings at the same quality, see docs/performance.md",
        unit="mean difference of thumbnails, 0..1",
        group="Features",
        decides="selection",
        ge=0,
        le=1,
    )
    skip_seconds: float = _parameter(
        2.0,
        "After this long a crop or frame is encoded in any case.",
        source="ours: what looked the same for two seconds shows no other event",
        unit="s",
        group="Features",
        decides="selection",
        gt=0,
        le=60,
    )
    crop_pad: float = _parameter(
        0.1,
        "Margin around a crop on each side.",
        source="ours: a little context, as detectors cut tight",
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
        gt=0,
        le=1,
    )
    denoise: Literal["outside", "others", "none"] = _parameter(
        "outside",
        "Denoised frame of the E-step: blur all but the picked box, blur the other boxes only, or "
        "the frame as it is.",
        source="E3M blurs the irrelevant instances ('others'); 'outside' is as good, see "
        "docs/quality.md, and needs no encoding of its own",
        group="Features",
        decides="selection",
    )

    # Context-based visual modulation
    context: bool = _parameter(
        True,
        "Context-based visual modulation: average a region with itself in neighbouring frames.",
        source="E3M",
        group="Visual context",
        decides="answer",
    )
    context_window: float = _parameter(
        0.6,
        "Reach of the context to each side.",
        source="ours",
        unit="s",
        group="Visual context",
        decides="answer",
        gt=0,
        le=30,
    )
    context_tau: float = _parameter(
        0.3,
        "Temperature of the context weights; lower trusts only look-alikes.",
        source="ours: neighbours have cosines of about 0.8; at 0.1 they would weigh a tenth of the "
        "region itself and nothing would be averaged, at 0.3 they weigh half",
        group="Visual context",
        decides="answer",
        gt=0,
        le=10,
    )

    # Evidence
    contrast: bool = _parameter(
        True,
        "Measure how well something fits by how much better than unrelated sentences do, so that "
        "relevance has a true zero; otherwise cosines are stretched between the video's extremes.",
        source="ours: the least relevant frame of a video may still show the event",
        group="Evidence",
        decides="answer",
    )
    label_weight: float = _parameter(
        1.0,
        "Weight of the detector's class, compared with the sentence's subject, beside the looks.",
        source="ours: the detector has seen what the encoder may miss",
        group="Evidence",
        decides="answer",
        ge=0,
        le=10,
    )
    size_weight: float = _parameter(
        1.0,
        "Advantage of large objects: weight of the logarithm of a box's side.",
        source="ours: people describe what is in the foreground",
        group="Evidence",
        decides="answer",
        ge=0,
        le=10,
    )
    pick_weight: float = _parameter(
        1.0,
        "Weight of the picked object's own fit in the relevance of a frame, beside the frame's.",
        source="ours: where the object is out of view, its frame is not part of the event",
        group="Evidence",
        decides="answer",
        ge=0,
        le=10,
    )

    # Expectation-maximisation
    n_iter: int = _parameter(
        3,
        "Most EM iterations; stops early when picks and event repeat.",
        source="ours: nothing measurable changes after the first few",
        group="EM",
        decides="answer",
        ge=1,
        le=50,
    )

    # Prototype-based text modulation
    prototypes: bool = _parameter(
        True,
        "Prototype-based text modulation: move the sentence towards what it looks like here.",
        source="E3M",
        group="Text prototypes",
        decides="answer",
    )
    n_prototypes: int = _parameter(
        5,
        "Prototypes chosen.",
        source="ours",
        group="Text prototypes",
        decides="answer",
        ge=1,
        le=100,
    )
    proto_pool: int = _parameter(
        40,
        "Most exemplary regions from which the prototypes are chosen; at least 8 per prototype.",
        source="ours",
        unit="regions",
        group="Text prototypes",
        decides="answer",
        ge=1,
        le=10000,
    )
    proto_diversity: float = _parameter(
        0.5,
        "Weight of diversity against exemplarity.",
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
    link: Literal["viterbi", "argmax", "track"] = _parameter(
        "viterbi",
        "From scores to one object: best path, best box of each frame, or best whole track.",
        source="ours: a superset of the per-frame choice",
        group="Linking",
        decides="answer",
    )
    link_weight: float = _parameter(
        1.0,
        "Reward of staying on the same track (or of overlap) between frames.",
        source="ours",
        group="Linking",
        decides="answer",
        ge=0,
        le=100,
    )

    # Events
    events: Literal["kmeans", "peak"] = _parameter(
        "kmeans",
        "Atomic events by K-means, or simply the run of frames around the most relevant one.",
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
        gt=0,
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
        "Weight of time beside appearance in K-means.",
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
        "A neighbouring event joins the best one above this share of its relevance.",
        source="E3M gives the rule; the value is ours",
        group="Events",
        decides="answer",
        ge=0,
        le=1,
    )
    trim_partial: bool = _parameter(
        True,
        "An event has not begun while the frame's edge hides more than half of its object.",
        source="ours: that is how people mark the entrance of an object",
        group="Events",
        decides="answer",
    )
    not_found_below: float = _parameter(
        0.0,
        "A sentence with less confidence than this counts as not found and gets no tube; 0 finds "
        "every sentence.",
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
        """Settings known by a name, with some of them changed.

        Args:
            name: ``"default"``, or ``"paper"``: the method as published, without what was added.
            changes: values of single parameters.

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
        """The values of all parameters that decide the same thing, by name.

        Example:
            >>> E3MConfig().marked("picture")
            {'crop_pad': 0.1, 'blur_sigma': 0.15}
        """
        fields = type(self).model_fields.items()
        return {n: getattr(self, n) for n, field in fields if extra(field)["decides"] == decides}

    @field_validator("text_template")
    @classmethod
    def _template_holds_query(cls, value: str) -> str:
        try:
            uses_query = value.format(query="1") != value.format(query="2")
        except (KeyError, IndexError, ValueError):
            uses_query = False
        if not uses_query:
            raise ValueError(f"text_template {value!r} must contain {{query}} and no other field")
        return value

    @field_validator("classes")
    @classmethod
    def _no_classes_is_all(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return value or None


PRESETS: dict[PresetName, dict[str, Any]] = {
    "default": {},
    "paper": {
        "shots": False,
        "extend_tracks": True,
        "skip_change": 0.0,
        "denoise": "others",
        "context_tau": 0.1,
        "contrast": False,
        "label_weight": 0.0,
        "size_weight": 0.0,
        "pick_weight": 0.0,
        "alpha": 0.2,
        "beta": 0.8,
        "trim_partial": False,
    },
}
"""What the presets change of the defaults."""


def extra(field: FieldInfo) -> dict[str, str]:
    """Unit, source, group and `Decides` of a parameter of `E3MConfig`."""
    return cast("dict[str, str]", field.json_schema_extra)


def first_problem(error: ValidationError) -> tuple[str, str]:
    """Where a validation found the first wrong value, and what is wrong with it.

    Example:
        >>> try:
        ...     E3MConfig(beta=1.5)
        ... except ValidationError as error:
        ...     print(first_problem(error))
        ('beta', '1.5: Input should be less than or equal to 1')
    """
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return where, f"{first['input']!r}: {first['msg']}"


def limits(name: str) -> tuple[float | None, float | None]:
    """Smallest and largest value of a numeric parameter, None where there is none.

    A bound that is itself excluded is given all the same, for forms cannot say so; `E3MConfig` can.

    Example:
        >>> limits("beta"), limits("sample_fps")
        ((0, 1), (0, 60))
    """
    schema = E3MConfig.model_json_schema()["properties"][name]
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    return low, schema.get("maximum", schema.get("exclusiveMaximum"))

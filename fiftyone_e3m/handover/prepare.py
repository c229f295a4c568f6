"""Preparation of tubes for annotators: keyframes, and files for annotation tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fiftyone as fo
import numpy as np
from fiftyone.core.collections import SampleCollection
from numpy.typing import NDArray

from ..dataset.annotation import offer
from ..dataset.metadata import differences
from ..dataset.reading import video_metadata
from ..dataset.schema import Fields
from ..dataset.stored import changing_schema
from ..keyframes import TOLERANCE, interpolate, paired_iou, thin
from ..paths import file_names, given_path, write_inside
from ..request import FRAMES, GroundingError, check_text
from ..video import Video, VideoError
from .checks import check_handover, check_selection
from .formats import FORMATS, WITH_MASKS, Format
from .masks import run_lengths
from .pictures import write_pictures
from .reading import StoredTube, StoredVideo, count_masks, read_tubes, write_keyframes
from .report import HandoverReport, TubeReport
from .selection import Selection
from .tubes import HandedTube, HandedVideo

Thinned = list[tuple[StoredTube, NDArray[np.bool_]]]


def prepare_for_annotation(
    samples: SampleCollection,
    field: str = "e3m",
    tolerance: float = TOLERANCE,
    format: Format | None = None,  # noqa: A002
    out: str | Path | None = None,
    overwrite: bool = False,
    pictures: bool = False,
    only_accepted: bool = False,
    confidence: float | None = None,
) -> HandoverReport:
    """Marks the keyframes of each tube for annotators, and optionally writes annotation files.

    FiftyOne's Annotate tab offers the tubes then, and the events in ``<field>_events``, unless
    somebody has set their label schemas otherwise.

    The boxes of one label and `index` in a video are a tube. Its keyframes are the smallest set
    from which an annotation tool can interpolate all its boxes within the tolerance; see
    `keyframes.thin`. Grounding marks those for the default tolerance; these marks are replaced.
    Boxes are never changed.

    Files:

    * ``"cvat"``: CVAT for video 1.1, one file per video with the keyframes only;
    * ``"label_studio"``: Label Studio's video object tracking, one file with the keyframes only:
      the class is the label, sentence and confidence are texts of the region;
    * ``"mot"``: MOTChallenge, one sequence per video with every box;
    * ``"coco"``: COCO detection, one file with every box, its ``track_id``, and its mask, if any.

    COCO and MOTChallenge name pictures: the frames, which `pictures` writes. A sentence that the
    format cannot hold (CVAT: more than 64 characters; both CVAT and MOTChallenge: a line break)
    gets a label of its own, and the report says which.

    Files stay in `out`: names of videos are made safe, and links in it are not followed.

    FiftyOne can also upload to a CVAT server. It uploads only the keyframes, if any are marked, and
    supports sentences of up to 64 characters::

        e3m.prepare_for_annotation(view, "e3m")
        view.annotate("correct", backend="cvat", label_field="frames.e3m", attributes=False)
        view.load_annotations("correct")  # when the annotators are done

    Args:
        samples: a video dataset or view; only the boxes that a view contains are handed over.
        field: frame field of `Detections` with tubes, from a grounding or any other source.
        tolerance: lowest IoU, 0..1, of an interpolated box with the tube's own.
        format: the file format; None only marks keyframes.
        out: the output folder, which must exist, anywhere on this machine.
        overwrite: replace files of the same names in `out`, and keyframe marks in a field that no
            grounding run wrote.
        pictures: write the frames that the files name as JPEG: with ``"coco"`` those with a box,
            with ``"mot"`` all.
        only_accepted: of a grounding, hand over only the sentences that were accepted. Those that
            were rejected are never handed over.
        confidence: of a grounding, hand over what nobody judged only from this confidence on.

    Returns:
        A report per tube, and the problems. A video that cannot be read gets its marks but no
        files, and never stops the others.

    Raises:
        GroundingError: an argument is invalid; nothing was written.
    """
    check_text("field", field)
    field, out = field.removeprefix(FRAMES), None if out is None else given_path("out", out)
    check_handover(samples, field, tolerance, format, out, overwrite, pictures)
    check_selection(samples, field, only_accepted, confidence)
    selection = Selection.of(samples, field, only_accepted, confidence)
    dataset: fo.Dataset = samples._dataset
    with changing_schema(dataset):
        dataset.add_frame_field(f"{field}.detections.keyframe", fo.BooleanField)
    report, videos = HandoverReport(field, tolerance, out=out), []
    tubes: list[TubeReport] = []
    names = file_names(samples.values("filepath"))
    masks = format is not None and count_masks(samples, field)
    if masks and format not in WITH_MASKS:
        report.problems.append(
            f"The masks of {masks} boxes are left out: {format} files hold boxes only. The format "
            "coco holds masks."
        )
    with_masks = bool(masks) and format in WITH_MASKS
    stored_videos = map(selection.take, read_tubes(samples, field, with_masks))
    for name, stored in zip(names, stored_videos, strict=True):
        thinned = list(_thinned(stored, tolerance, report.problems))
        write_keyframes(dataset, field, thinned)
        kept = [(tube.take(tube.is_box), keys[tube.is_box]) for tube, keys in thinned]
        tubes += [_report(stored, tube, keys) for tube, keys in kept]
        if format is not None and kept:
            try:
                described = _described(dataset, stored, report.problems)
                videos.append(_handed(described, stored, name, kept, report.problems))
            except VideoError as error:
                report.problems.append(f"No files for {stored.filepath}: {error}")
    report.tubes = tubes
    report.problems += selection.remarks
    _offer(samples, Fields(field))
    if format is not None and out is not None and videos:
        writer = FORMATS[format]
        report.files = list(_write(out, writer.files(videos), report.problems))
        if pictures:
            for video in videos:
                report.files += write_pictures(out, video, writer, report.problems)
        report.problems += [
            f"'{sentence}' is called '{label}' in the files, as {format} cannot hold it."
            for sentence, label in writer.labels(videos).items()
            if label != sentence
        ]
    return report


def _offer(samples: SampleCollection, fields: Fields) -> None:
    """Offers the tubes and their events, if there are any, in the Annotate tab."""
    dataset = samples._dataset
    sound = set(fields.present(dataset)) - set(fields.mistyped(dataset))
    paths = [path for path in (f"frames.{fields.tube}", fields.events) if path in sound]
    offer(dataset, {path: samples.distinct(f"{path}.detections.label") for path in paths})


def _thinned(
    stored: StoredVideo, tolerance: float, problems: list[str]
) -> Iterator[tuple[StoredTube, NDArray[np.bool_]]]:
    """The valid tubes of a video with their keyframes; adds the others to `problems`."""
    for tube in stored.tubes:
        where = f"'{tube.sentence}' in {stored.filepath}"
        valid = tube.is_box
        if tube.twice is not None:
            problems.append(
                f"{where} has several boxes in frame {tube.twice}, so it was skipped. Give "
                "each object its own index."
            )
            continue
        if not valid.all():
            invalid = tube.frames[~valid]
            problems.append(
                f"{where}: {len(invalid)} boxes without an area were left out, the first in frame "
                f"{invalid[0]}."
            )
        if valid.any():
            keys = np.zeros(len(valid), bool)
            keys[valid] = thin(tube.frames[valid], tube.xyxy[valid], tolerance)
            yield tube, keys


def _report(stored: StoredVideo, tube: StoredTube, keys: NDArray[np.bool_]) -> TubeReport:
    restored = interpolate(tube.frames, tube.xyxy, keys)
    return TubeReport(
        sample_id=stored.sample_id,
        filepath=stored.filepath,
        sentence=tube.sentence,
        n_frames=len(keys),
        n_keyframes=int(keys.sum()),
        smallest_iou=float(paired_iou(restored, tube.xyxy).min()),
    )


def _handed(
    metadata: fo.VideoMetadata,
    stored: StoredVideo,
    name: str,
    tubes: Thinned,
    problems: list[str],
) -> HandedVideo:
    """Converts a video and its tubes to the input of the formats.

    Adds masks that cannot be read to `problems`.

    Raises:
        VideoError: it ends before the last box.
    """
    width, height = metadata.frame_width, metadata.frame_height
    last = max(int(tube.frames[-1]) for tube, _ in tubes)
    if last > metadata.total_frame_count:
        raise VideoError(
            f"the video has {metadata.total_frame_count} frames, but a box in frame {last}. "
            "Correct the box."
        )
    return HandedVideo(
        name=name,
        filepath=stored.filepath,
        width=width,
        height=height,
        frame_rate=metadata.frame_rate,
        frame_count=metadata.total_frame_count,
        tubes=[_tube(tube, keys, width, height, problems) for tube, keys in tubes],
    )


def _tube(
    stored: StoredTube, keys: NDArray[np.bool_], width: int, height: int, problems: list[str]
) -> HandedTube:
    """A tube in pixels; adds masks that cannot be read to `problems`."""
    xyxy = stored.xyxy * [width, height, width, height]
    masks: list[list[int] | None] = [None] * len(xyxy)
    for row, mask in enumerate(stored.masks):
        try:
            masks[row] = None if mask is None else run_lengths(mask, xyxy[row], width, height)
        except (OSError, ValueError) as error:
            problems.append(
                f"'{stored.sentence}' has no mask in frame {stored.frames[row]}: {error}"
            )
    said = stored.sentence, stored.label, stored.confidence
    return HandedTube(*said, stored.frames, xyxy, keys, masks)


def _described(dataset: fo.Dataset, stored: StoredVideo, problems: list[str]) -> fo.VideoMetadata:
    """Size, frame rate and number of frames of the file or, if it cannot be read, of the dataset.

    Adds a difference between the two to `problems`.

    Raises:
        VideoError: the file cannot be read, and its metadata are missing or incomplete.
    """
    existing = stored.metadata
    try:
        video = Video.open(stored.filepath)
    except VideoError as error:
        needed = ("frame_width", "frame_height", "frame_rate", "total_frame_count")
        if isinstance(existing, fo.VideoMetadata) and all(existing[name] for name in needed):
            problems.append(f"The metadata of {stored.filepath} were believed unseen: {error}")
            return existing
        raise
    if said := differences(existing, video):
        problems.append(
            f"The metadata of {stored.filepath} say {' and '.join(said)}. The file was believed."
        )
    metadata = video_metadata(video)
    if existing is None:
        dataset.set_values("metadata", {stored.sample_id: metadata}, key_field="id")
    return metadata


def _write(out: Path, contents: dict[str, str], problems: list[str]) -> Iterator[Path]:
    """Writes files and yields the paths written; adds the others to `problems`."""
    for path, content in contents.items():
        try:
            yield write_inside(out, path, content)
        except (GroundingError, OSError) as error:
            problems.append(f"{out / path} could not be written: {error}")

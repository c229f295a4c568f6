"""Whether anything tells when an event is, while its object is in view before or after it as well.

For each sentence whose object is seen in the event's shots for longer than the event, the frames of
the event are compared with the others by what speaks for each: the encoder's fit of the frame, of
the object and of the frame denoised around it, in sum; and the object's pace, where the sentence
says that it moves or stays. An AUROC of .5 tells nothing.

Usage: python -m benchmarks.within_view [--sets real outside] [--encoders bundled flickr8k]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.candidates import load_detector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m.contrast import Measured
from fiftyone_e3m.e3m.search import Search

from .confidence import auroc
from .fitting import VISIBLE, overlap_of, search_of
from .scenes import MemoEncoder, Prepared, items, load, prepare
from .shared_data import DETECTOR, Query, require_shared

FEWEST = 3
"""Least sampled frames of the event, and of the others."""


def within_view(
    videos: Sequence[Prepared], encoder: MemoEncoder, config: E3MConfig
) -> Iterator[tuple[str, float, float]]:
    """Each sentence with the AUROC of its encoder's fit, and of the pace: NaN if it says none."""
    for p in videos:
        for query in p.item.queries:
            search = search_of(p, query.sentence, encoder, config)
            overlap = overlap_of(search, query, p.survey.sampled)
            if overlap.max(initial=0) > VISIBLE:
                rows, event = _seen(search, query, int(overlap.argmax()), p.survey.sampled)
                if FEWEST <= event.sum() <= len(event) - FEWEST:
                    pace = _apart(search.pace[rows], event) if search.query.moves else np.nan
                    yield query.sentence, _apart(_looks(search, rows), event), pace


def _seen(
    search: Search, query: Query, track: int, sampled: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Candidates of a track in the event's shots, and which of them are in the event."""
    video = search.video
    rows = np.flatnonzero(video.track == track)
    frame = video.frame[rows]
    event = (sampled[frame] >= query.truth.first) & (sampled[frame] <= query.truth.last)
    shot = video.evidence.shot[frame]
    near = np.isin(shot, shot[event])
    return rows[near], event[near]


def _looks(search: Search, rows: NDArray[np.int64]) -> NDArray[np.floating]:
    """The encoder's fit to each candidate, its frame, and its frame denoised around it, in sum."""
    video, text, frame = search.video, search.query.text, search.video.frame[rows]
    picks = np.full(len(video.evidence.frames), -1)
    picks[frame] = video.track[rows]
    denoised = Measured(video.modulated(video.evidence.around(picks)), video.unrelated)
    whole = denoised.fit(text) + video.frames.fit(text)
    return whole[frame] + video.candidates.fit(text)[rows]


def _apart(values: NDArray[np.floating], event: NDArray[np.bool_]) -> float:
    return auroc(values[event].tolist(), values[~event].tolist())


def main() -> None:
    """Prints every sentence, and means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=["real", "outside"])
    parser.add_argument("--encoders", nargs="+", default=["bundled", "flickr8k"])
    arguments = parser.parse_args()
    require_shared()
    config, detector = E3MConfig(), load_detector(str(DETECTOR))
    with tempfile.TemporaryDirectory() as folder:
        sets = [prepare(items(n, Path(folder)), detector, config) for n in arguments.sets]
        for name in arguments.encoders:
            encoder = MemoEncoder(load(name, folder))
            found = [row for videos in sets for row in within_view(videos, encoder, config)]
            print(f"\n{name}: AUROC of the event's frames, by looks and by pace")
            for sentence, looks, pace in found:
                print(f"  {looks:.2f}  {'' if np.isnan(pace) else f'{pace:.2f}':4}  {sentence}")
            _, looks_of_all, pace_of_all = zip(*found, strict=True)
            told = int(np.isfinite(pace_of_all).sum())
            print(
                f"  mean {np.mean(looks_of_all):.2f} of {len(found)} by looks, "
                f"{np.nanmean(pace_of_all):.2f} of {told} by pace"
            )


if __name__ == "__main__":
    main()

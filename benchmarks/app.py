"""How fast forms and panels respond on a large synthetic dataset: 1,000 videos of 300 frames.

The labels are synthetic and no video exists, since only the database matters here. Every hook is
called as the App calls it; the slowest of `REPEATS` calls counts, as that is what a user notices.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import fiftyone as fo
import fiftyone.operators as foo
import numpy as np
from fiftyone.operators.executor import ExecutionContext, Executor

from fiftyone_e3m.dataset.records import finish_run, start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.plugin import OPERATORS
from fiftyone_e3m.plugin.ground.operator import GroundVideos
from fiftyone_e3m.plugin.panels.overview import GroundingOverview
from fiftyone_e3m.plugin.panels.timeline import RelevanceTimeline
from fiftyone_e3m.request import Request
from fiftyone_e3m.results import GroundingSummary, VideoReport

REPEATS = 5
BATCH = 50
"""Videos per write."""
QUERIES = ("a man in a suit", "a dog that runs", "a red car")


def make_dataset(n_videos: int, n_frames: int) -> fo.Dataset:
    """A grounded dataset of videos that do not exist, with candidate boxes and tubes."""
    rng = np.random.default_rng(0)
    dataset = fo.Dataset(persistent=False)
    dataset.media_type = "video"
    fields = Fields("e3m")
    fields.declare(dataset, several_queries=False)
    dataset.add_frame_field("candidates", fo.EmbeddedDocumentField, embedded_doc_type=fo.Detections)
    ids: list[str] = []
    for start in range(0, n_videos, BATCH):
        size = min(BATCH, n_videos - start)
        samples = [fo.Sample(filepath=f"/made-up/{start + i:05}.mp4") for i in range(size)]
        for sample in samples:
            sample["caption"] = str(rng.choice(QUERIES))
            sample["metadata"] = fo.VideoMetadata(total_frame_count=n_frames, frame_rate=25.0)
        new = dataset.add_samples(samples, progress=False)
        ids += new
        _write_labels(dataset, fields, new, n_frames, rng)
    request = Request(query_field="caption", boxes_field="candidates", encoder="bundled")
    key = start_run(dataset, request.settings)
    reports = [VideoReport(sample_id, f"/made-up/{i}.mp4", "ok") for i, sample_id in enumerate(ids)]
    finish_run(dataset, GroundingSummary(key, "e3m", "bundled", "candidates", videos=reports))
    return dataset


def _write_labels(
    dataset: fo.Dataset,
    fields: Fields,
    ids: list[str],
    n_frames: int,
    rng: np.random.Generator,
) -> None:
    box = [0.1, 0.1, 0.3, 0.3]
    queries = dataset.select(ids, ordered=True).values("caption")
    third = n_frames // 3
    frames = range(1, n_frames + 1)

    def write(path: str, values: list[object]) -> None:
        dataset.set_values(path, dict(zip(ids, values, strict=True)), key_field="id")

    def boxes(label: str, confidence: float) -> fo.Detections:
        detection = fo.Detection(label=label, bounding_box=box, confidence=confidence)
        return fo.Detections(detections=[detection])

    confidences = rng.beta(2, 2, len(ids)).tolist()
    rows = list(zip(queries, confidences, strict=True))
    write("frames.e3m_relevance", [dict.fromkeys(frames, c) for c in confidences])
    write("frames.candidates", [dict.fromkeys(frames, boxes("thing", 0.9)) for _ in ids])
    tube = range(third, 2 * third)
    write("frames.e3m", [dict.fromkeys(tube, boxes(query, c)) for query, c in rows])
    events = [
        fo.TemporalDetections(
            detections=[
                fo.TemporalDetection(
                    label=query,
                    support=[third, 2 * third],
                    confidence=c,
                    atomic_starts=[1, third, 2 * third],
                    prototype_frames=[third + 5, third + 9],
                    prototype_weights=[0.5, 0.5],
                )
            ]
        )
        for query, c in rows
    ]
    write(fields.events, list(events))
    write(fields.confidence, list(confidences))
    write(fields.status, ["ok"] * len(ids))


def context(dataset: fo.Dataset, **request: object) -> ExecutionContext:
    """A context like the one the App creates."""
    return ExecutionContext(
        {"dataset_name": dataset.name, "view": [], **request},
        executor=Executor(),
        operator_uri="@e3m/video-grounding/benchmark",
    )


def slowest(call: Callable[[], object]) -> float:
    """Seconds of the slowest of `REPEATS` calls."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return max(times)


def form(
    shell: type[foo.Operator],
    dataset: fo.Dataset,
    current_sample: str | None = None,
    **params: object,
) -> object:
    """Renders the form of an operator."""
    ctx = context(dataset, params=params, current_sample=current_sample)
    return shell().resolve_input(ctx)


def panel(
    shell: type[foo.Panel],
    dataset: fo.Dataset,
    method: str,
    params: Mapping[str, object] = MappingProxyType({}),
    **request: object,
) -> Callable[[], object]:
    """A panel event, and the rendering that follows it."""

    def call() -> object:
        ctx = context(dataset, params={"panel_id": "benchmark", **params}, **request)
        instance = shell()
        getattr(instance, method)(ctx)
        return instance.render(ctx)

    return call


def main() -> None:
    """Makes the dataset and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=300)
    options = parser.parse_args()
    dataset = make_dataset(options.videos, options.frames)
    opened = {"current_sample": dataset.last().id}
    calls: dict[str, Callable[[], object]] = {
        f"{shell().config.name}, form": partial(form, shell, dataset, **opened)
        for shell in OPERATORS
    }
    calls |= {
        "ground_videos, form filled": partial(
            form, GroundVideos, dataset, query="a man", encoder="bundled", advanced=True
        ),
        "overview, opened": panel(GroundingOverview, dataset, "on_load"),
        "overview, bar clicked": panel(GroundingOverview, dataset, "on_bar", params={"x": 0.5}),
        "timeline, opened": panel(RelevanceTimeline, dataset, "on_load", **opened),
    }
    print(f"{options.videos} videos x {options.frames} frames; slowest of {REPEATS} calls")
    for name, call in calls.items():
        print(f"{name:30} {slowest(call):6.3f} s")
    print(f"{'most memory in any of them':30} {max(map(megabytes, calls.values())):6.1f} MB")


def megabytes(call: Callable[[], object]) -> float:
    """Peak memory of a call, as Python's tracemalloc counts it."""
    tracemalloc.start()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


if __name__ == "__main__":
    main()

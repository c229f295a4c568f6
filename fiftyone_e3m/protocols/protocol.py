"""One shard of a benchmark: checks, evaluation, and the stored result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fiftyone as fo

from ..dataset.runs import asked_of, latest_run
from ..dataset.schema import Fields
from ..evaluation.evaluate import evaluate
from ..evaluation.metrics import Ends
from ..importers import GroundingImporter, ImportReport
from ..importers.samples import KINDS, SENTENCES, TRUTH
from ..request import Request
from ..version import __version__
from .shards import Score, ShardResult, check_same, read_results


def settings_of(importer: GroundingImporter, request: Request, ends: Ends) -> dict[str, Any]:
    """Everything that affects the scores, JSON-serializable; must be equal in all shards."""
    asked = request.settings
    names = ("encoder", "detector", "boxes_field", "config")
    return {
        "annotations": importer.digest,
        "limit": importer.max_samples,
        "ends": ends,
        "version": __version__,
        **{name: asked[name] for name in names},
    }


def check_results(folder: Path, importer: GroundingImporter, request: Request, ends: Ends) -> None:
    """Checks, before any work, that the result of a shard may be written to a folder.

    Raises:
        GroundingError: the folder holds results that do not belong with it, or a result of the
            same shard with different settings, and the request does not overwrite.
    """
    settings = settings_of(importer, request, ends)
    for kept in read_results(folder, importer.benchmark).get(importer.benchmark, []):
        if kept.shard != importer.shard or not request.overwrite:
            check_same(kept, importer.shard, settings, folder)


def is_grounded(dataset: fo.Dataset, request: Request) -> bool:
    """Whether an earlier run completed the same request."""
    latest = latest_run(dataset, request.field)
    if latest is None:
        return False
    key, config = latest
    same = config.state == "finished" and config.settings == request.settings
    return same and asked_of(dataset, key) == set(dataset.values("id"))


def score(
    dataset: fo.Dataset,
    importer: GroundingImporter,
    report: ImportReport,
    request: Request,
    ends: Ends,
) -> ShardResult:
    """Evaluates a grounded dataset; stores the scores of each video in ``<field>_eval_viou``.

    Args:
        dataset: the grounded dataset from `import_once`.
        importer: the importer.
        report: the import report.
        request: the request that was run.
        ends: see `fiftyone_e3m.evaluate`.

    Returns:
        The score of each sentence, and the settings they depend on.
    """
    scores: list[Score] = []
    if len(dataset):
        scores = _scores(dataset, request.field, ends)
    settings = settings_of(importer, request, ends)
    return ShardResult(importer.benchmark, importer.shard, settings, report, tuple(scores))


def _scores(dataset: fo.Dataset, field: str, ends: Ends) -> list[Score]:
    results = evaluate(dataset, field, TRUTH, eval_key=f"{field}_eval", ends=ends)
    kinds = _kinds(dataset)
    messages = dict(zip(*dataset.values(["id", Fields(field).message]), strict=True))
    return [
        Score(
            video=Path(pair.filepath).stem,
            sentence=pair.query,
            kind=kinds.get((pair.sample_id, pair.query)),
            tiou=pair.tiou,
            viou=pair.viou or 0.0,
            predicted=pair.predicted,
            true=pair.true,
            status=pair.status,
            message=messages[pair.sample_id] if pair.predicted is None else None,
        )
        for pair in results.pairs
    ]


def _kinds(dataset: fo.Dataset) -> dict[tuple[str, str], str]:
    """The kind of each sentence of each sample; empty if the dataset has no kinds."""
    if not dataset.has_field(KINDS):
        return {}
    columns = dataset.values(["id", SENTENCES, KINDS])
    return {
        (sample_id, sentence): kind
        for sample_id, sentences, kinds in zip(*columns, strict=True)
        for sentence, kind in zip(sentences, kinds, strict=True)
    }

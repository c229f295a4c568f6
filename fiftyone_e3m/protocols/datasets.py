"""The FiftyOne dataset of a benchmark: imported once, then reused."""

from __future__ import annotations

import fiftyone as fo

from ..importers import GroundingImporter, ImportReport
from ..request import GroundingError

INFO = "e3m_benchmark"
"""Key in ``dataset.info``: what was imported, and the report once the import is complete."""


def import_once(importer: GroundingImporter, name: str) -> tuple[fo.Dataset, ImportReport]:
    """Imports a benchmark into a persistent dataset, or loads it if it is complete.

    An import that was killed starts again.

    Raises:
        GroundingError: the dataset exists and holds something else.
    """
    if fo.dataset_exists(name):
        dataset = fo.load_dataset(name)
        report = _check(dataset, importer)
        if report is not None:
            return dataset, report
        dataset.delete()
    dataset = fo.Dataset(name, persistent=True)
    _note(dataset, importer, None)
    dataset.add_importer(importer)
    _note(dataset, importer, importer.report)
    return dataset, importer.report


def _check(dataset: fo.Dataset, importer: GroundingImporter) -> ImportReport | None:
    """The report of an earlier import; None if it was killed."""
    kept = dataset.info.get(INFO)
    if kept is None:
        raise GroundingError(
            f"The dataset '{dataset.name}' exists and was not created by a benchmark. Choose "
            "another name (--dataset)."
        )
    differ = [key for key, value in importer.source.items() if kept["source"].get(key) != value]
    if differ:
        raise GroundingError(
            f"The dataset '{dataset.name}' was imported with different values of "
            f"{' and '.join(differ)}. Choose "
            "another name (--dataset), or delete it."
        )
    return kept["report"] and ImportReport.from_dict(kept["report"])


def _note(dataset: fo.Dataset, importer: GroundingImporter, report: ImportReport | None) -> None:
    dataset.info[INFO] = {"source": importer.source, "report": report and report.to_dict()}
    dataset.save()

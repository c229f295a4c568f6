"""Compare tubes with ground truth, and filter a dataset by how good its grounding is.

Run it on the demo's videos, whose dataset `e3m-demo` is made anew each time, or on a dataset of
your own that was grounded and has ground truth: boxes in `frames.gt`, events in `gt_events`, or
both, with the sentences as labels::

    .venv/bin/python examples/evaluate_and_filter.py
    .venv/bin/python examples/evaluate_and_filter.py my-videos --gt-field gt

Prints the scores, what failed, the sentences from the worst to the best, and what each filter
leaves.
"""

import argparse
from pathlib import Path

import fiftyone as fo
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m import demo


def main() -> None:
    """Evaluates, then filters by the scores and by the confidence."""
    parser = argparse.ArgumentParser(description="Evaluate a grounding and filter by its quality.")
    parser.add_argument("dataset", nargs="?", help="its name; the demo's, made anew, if left out")
    parser.add_argument("--gt-field", default="gt", help="'gt' is frames.gt with gt_events")
    parser.add_argument("--launch", action="store_true", help="open the App in the end")
    args = parser.parse_args()

    if args.dataset:
        dataset = fo.load_dataset(args.dataset)
    else:
        dataset = demo.demo_dataset()
        summary = e3m.ground(
            dataset,
            query_field=demo.QUERY_FIELD,
            boxes_field=demo.BOXES_FIELD,
            encoder="bundled",  # needs no download; leave it out on your own videos
        )
        print(summary)

    # With a key, the scores are kept in the dataset, and the App lists them in Model Evaluation.
    results = e3m.evaluate(dataset, gt_field=args.gt_field, eval_key="eval")
    print(results)
    for pair in results.worst_first:
        scores = f"tIoU {pair.tiou:.2f}"
        if pair.viou is not None:
            scores += f", vIoU {pair.viou:.2f}"
        print(f"{scores}  {Path(pair.filepath).name}, '{pair.query}': {pair.verdict}")

    # Videos have their mean scores (with true boxes, also `eval_viou`), events their own verdict,
    # and a confidence for where nobody knows the truth.
    views = {
        "videos at the wrong time": dataset.match(F("eval_tiou") <= 0.5).sort_by("eval_tiou"),
        "wrong events": dataset.filter_labels("e3m_events", F("eval") == "fp"),
        "confident events": dataset.filter_labels("e3m_events", F("confidence") >= 0.5),
    }
    for name, view in views.items():
        dataset.save_view(name, view, overwrite=True)  # appears in the App
        print(f"{name}: {', '.join(sorted(view.distinct('e3m_events.detections.label')))}")

    if args.launch:
        fo.launch_app(views["wrong events"]).wait(-1)


if __name__ == "__main__":
    main()

"""Ground sentences in videos, look at the least sure ones first, correct one, accept the rest.

Run it on the demo's videos, whose dataset `e3m-demo` is made anew each time, or on a video dataset
of your own that has a sentence, or a list of them, per video in a field::

    .venv/bin/python examples/ground_and_review.py
    .venv/bin/python examples/ground_and_review.py my-videos --query-field caption

Prints the sentences with frames and confidence, the least sure first; then, for the demo, what a
correction changed and which tubes became ground truth.
"""

import argparse
from pathlib import Path

import fiftyone as fo
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m import demo


def main() -> None:
    """Grounds, sorts, and takes the decisions of a reviewer."""
    parser = argparse.ArgumentParser(description="Ground sentences and review what came out.")
    parser.add_argument("dataset", nargs="?", help="its name; the demo's, made anew, if left out")
    parser.add_argument("--query-field", default="sentences", help="field of the sentences")
    parser.add_argument("--launch", action="store_true", help="open the App in the end")
    args = parser.parse_args()

    if args.dataset:
        # The detector YOLO11n and the encoder CLIP ViT-B/32 are the defaults, downloaded once.
        dataset = fo.load_dataset(args.dataset)
        summary = e3m.ground(dataset, query_field=args.query_field)
    else:
        # The demo downloads nothing: boxes are in its dataset, and the bundled encoder, which knows
        # objects only, comes with the package. Leave `encoder` out on your own videos.
        dataset = demo.demo_dataset()
        summary = e3m.ground(
            dataset,
            query_field=demo.QUERY_FIELD,
            boxes_field=demo.BOXES_FIELD,
            encoder="bundled",
        )
    print(summary)

    # One clip per sentence. Confidence needs no ground truth, so it can say where to look first.
    clips = dataset.to_clips("e3m_events").sort_by("e3m_events.confidence")
    for clip in clips:
        event, name = clip.e3m_events, Path(clip.filepath).name
        print(f"{event.confidence:.2f}  {name}, frames {clip.support}: {event.label}")

    # Saved views appear in the App. `e3m_confidence` is the mean over the sentences of a video.
    confident = dataset.match(F("e3m_confidence") >= 0.5)
    unsure = dataset.match(F("e3m_confidence") < 0.5).sort_by("e3m_confidence")
    dataset.save_view("surely grounded", confident, overwrite=True)
    dataset.save_view("least sure first", unsure, overwrite=True)

    if not args.dataset:  # somebody has looked at these videos; yours wait for you
        man = "a man wearing a suit and a tie"
        # He is in view until frame 47. The tube follows; `e3m.restore_event` undoes it.
        sample = dataset.one(F("filepath").ends_with("bikes.mp4"))
        print(e3m.correct_event(sample, man, last=47).headline)
        # Boxes go to `frames.accepted`, events to `accepted_events`; nothing is overwritten there.
        print(e3m.accept_tubes(dataset.select(sample.id), queries=man))
        print(e3m.accept_tubes(confident))

    if args.launch:
        fo.launch_app(dataset).wait(-1)


if __name__ == "__main__":
    main()

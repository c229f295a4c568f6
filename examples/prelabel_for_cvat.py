"""Turn boxes that you have into pre-labels for CVAT: one track per sentence, few keyframes.

Run it on the demo's videos, whose dataset `e3m-demo` is made anew each time, or on a video dataset
of your own that has boxes in its frames and sentences per video in the field `sentences`::

    .venv/bin/python examples/prelabel_for_cvat.py
    .venv/bin/python examples/prelabel_for_cvat.py my-videos --boxes-field detections --out cvat

Prints how many keyframes are left of each tube, and what is in the files.
"""

import argparse
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import fiftyone as fo
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m import demo


def main() -> None:
    """Grounds with the boxes of the dataset and writes the files."""
    parser = argparse.ArgumentParser(description="Write tubes of your own boxes for CVAT.")
    parser.add_argument("dataset", nargs="?", help="its name; the demo's, made anew, if left out")
    parser.add_argument("--boxes-field", default="detections", help="frame field of your boxes")
    parser.add_argument("--out", type=Path, help="folder for the files; a temporary one if not set")
    parser.add_argument("--launch", action="store_true", help="open the App in the end")
    args = parser.parse_args()

    if args.dataset:
        dataset = fo.load_dataset(args.dataset)
        if not dataset.has_field("e3m_status"):  # one that was grounded is handed over as it is
            print(e3m.ground(dataset, query_field="sentences", boxes_field=args.boxes_field))
    else:
        dataset = demo.demo_dataset()
        summary = e3m.ground(
            dataset,
            query_field=demo.QUERY_FIELD,
            boxes_field=demo.BOXES_FIELD,
            encoder="bundled",  # needs no download; leave it out on your own videos
        )
        print(summary)

    out = args.out or Path(tempfile.mkdtemp(prefix="e3m-cvat-"))
    out.mkdir(parents=True, exist_ok=True)
    # CVAT draws the boxes between keyframes; with this tolerance their IoU with the tube is >= .9.
    view = dataset.match(F("e3m_status") == "ok")
    report = e3m.prepare_for_annotation(view, tolerance=0.9, format="cvat", out=out)
    print(report)

    # In CVAT, first paste cvat_labels.json into the tab "Raw" of the task's labels, then upload the
    # file of each video as "CVAT 1.1". Its frames count from 0.
    for path in report.files:
        print(path.relative_to(out))
        if path.suffix == ".xml":
            for track in ElementTree.parse(path).iter("track"):
                frames = [box.attrib["frame"] for box in track if box.attrib["outside"] == "0"]
                print(f"  '{track.attrib['label']}', boxes in frames {', '.join(frames)}")

    if args.launch:
        fo.launch_app(view).wait(-1)


if __name__ == "__main__":
    main()

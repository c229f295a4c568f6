"""Quality of the tubes on real video: presets, each part switched off, baselines, the upper bound.

Usage: python -m benchmarks.quality [--sets joined panned ...] [--encoders bundled flickr8k]
           [--variants "preset paper" ...]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from fiftyone_e3m.candidates import load_detector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.evaluation.metrics import summarise

from .confidence import GOOD, report
from .outcomes import Outcome, best_possible, ours, per_frame, surest_box
from .paired import effect, interval
from .scenes import MemoEncoder, Prepared, items, load, prepare
from .shared_data import DETECTOR, require_shared

SETS = ("joined", "panned", "clips", "real")
DEFAULT, PAPER = "preset default", "preset paper"
VARIANTS: dict[str, E3MConfig] = {
    "preset paper": E3MConfig.preset("paper"),
    "preset default": E3MConfig(),
    "no shots": E3MConfig(shots=False),
    "no contrast": E3MConfig(contrast=False),
    "no labels": E3MConfig(label_weight=0),
    "no size": E3MConfig(size_weight=0),
    "no colours": E3MConfig(colour_weight=0),
    "no motion": E3MConfig(motion_weight=0),
    "no pace": E3MConfig(pace_weight=0),
    "no duration": E3MConfig(duration_weight=0),
    "low scores continue no track": E3MConfig(low_conf=1),
    "no buffer around tracked boxes": E3MConfig(buffer=0),
    "no pick in gamma": E3MConfig(pick_weight=0),
    "partial objects not trimmed": E3MConfig(trim_partial=False),
    "no region propagation": E3MConfig(propagate=False),
    "tracks extended as context": E3MConfig(extend_tracks=True),
    "every picture encoded": E3MConfig(skip_change=0),
    "every picture, tracks extended": E3MConfig(skip_change=0, extend_tracks=True),
    "skip_change=0.05": E3MConfig(skip_change=0.05),
    "skip_change=0.1": E3MConfig(skip_change=0.1),
    "skip_change=0.2": E3MConfig(skip_change=0.2),
    "skip_change=0.3": E3MConfig(skip_change=0.3),
    "skip_seconds=1": E3MConfig(skip_seconds=1),
    "skip_seconds=3": E3MConfig(skip_seconds=3),
    "unlikely classes dropped": E3MConfig(drop_unlikely=True),
    "20 frames": E3MConfig(max_frames=20),
    "20 frames, zoom": E3MConfig(max_frames=20, zoom=True),
    "50 frames": E3MConfig(max_frames=50),
    "50 frames, zoom": E3MConfig(max_frames=50, zoom=True),
    "no visual context": E3MConfig(context=False),
    "no text prototypes": E3MConfig(prototypes=False),
    "no denoised frames": E3MConfig(denoise="none"),
    "denoise='others'": E3MConfig(denoise="others"),
    "one iteration": E3MConfig(n_iter=1),
    "best path instead of an object": E3MConfig(link="viterbi"),
    "best boxes instead of an object": E3MConfig(link="argmax"),
    "no atomic events": E3MConfig(events="peak"),
    "crop prompt only": E3MConfig(prompts=("crop",)),
    "blur prompt only": E3MConfig(prompts=("blur",)),
}
TAGS = (
    "action", "attribute", "question", "small", "notcoco", "cuts", "noun", "person", "vehicle",
    "animal", "object",
)  # fmt: skip
MANY = 4
"""Objects of the same class from which on a sentence has "distractors"."""
WORST = 10


def line(name: str, outcomes: Sequence[Outcome]) -> str:
    """One row of a table: means with the middle 90 % over videos, and shares; ends inclusive."""
    present = [o for o in outcomes if o.present]
    scores = summarise([o.tiou for o in present], [o.viou for o in present])
    (t_low, t_high), (v_low, v_high) = interval(present, "tiou"), interval(present)
    return (
        f"  {name:31} {scores.m_tiou:.3f} [{t_low:.2f} {t_high:.2f}]"
        f"  {scores.m_viou:.3f} [{v_low:.2f} {v_high:.2f}]"
        f"  {scores.viou_at[0]:.3f}  {scores.viou_at[1]:.3f}"
    )


def by_tag(rows: Mapping[str, Sequence[Outcome]]) -> list[str]:
    """A table of m_tIoU / m_vIoU for each tag of the sentences, one column per way."""
    lines = [f"  {'tag':14} {'n':>3}  " + "  ".join(f"{name:>14}" for name in rows)]
    for tag in (*TAGS, "distractors", "whole video"):
        kept = {name: [o for o in rows[name] if o.present and _has(o, tag)] for name in rows}
        n = len(next(iter(kept.values())))
        if n:
            cells = [
                f"{np.mean([o.tiou for o in found]):.2f} / {np.mean([o.viou for o in found]):.2f}"
                for found in kept.values()
            ]
            lines.append(f"  {tag:14} {n:3}  " + "  ".join(f"{cell:>14}" for cell in cells))
    return lines


def behaviour(outcomes: Sequence[Outcome]) -> str:
    """How long the answers are, and how many tubes jump to another object within a shot."""
    present = [o for o in outcomes if o.present]
    said, true = (np.mean([getattr(o, a) for o in present]) for a in ("length", "true_length"))
    jumping = np.mean([o.jumps > 0 for o in present])
    return (
        f"answers cover {said:.0%} of their videos, events {true:.0%}; "
        f"{jumping:.0%} of the tubes jump within a shot"
    )


def worst(outcomes: Iterable[Outcome]) -> list[str]:
    """The wrong answers with the highest confidence."""
    wrong = [o for o in outcomes if o.viou <= GOOD]
    return [
        f"  {o.confidence:.2f} vIoU {o.viou:.2f} {'' if o.present else '(absent) '}{o.sentence}"
        f" | {o.set}, {o.video}"
        for o in sorted(wrong, key=lambda o: -o.confidence)[:WORST]
    ]


def effects(results: Mapping[str, Mapping[str, Sequence[Outcome]]]) -> list[str]:
    """What the default gains over each variant, for each encoder and over all.

    Args:
        results: outcomes of all sets by variant, by encoder.
    """
    names = list(results)
    columns = [[name] for name in names] + ([names] if len(names) > 1 else [])
    heads = [*names, "all"][: len(columns)]
    lines = [f"  {'m_tIoU, m_vIoU':31}" + "".join(f"  {head:>46}" for head in heads)]
    for variant in results[names[0]]:
        if variant == DEFAULT:
            continue
        cells = []
        for column in columns:
            after = [results[name][DEFAULT] for name in column]
            before = [results[name][variant] for name in column]
            cells.append(f"{effect(after, before, 'tiou')}  {effect(after, before)}")
        lines.append(f"  {variant:31}" + "".join(f"  {cell:>46}" for cell in cells))
    return lines


def print_set(
    set_name: str,
    prepared: Sequence[Prepared],
    encoder_name: str,
    encoder: MemoEncoder,
    variants: Sequence[str],
) -> dict[str, list[Outcome]]:
    """Prints the table of one set and encoder, row by row, and returns the outcomes by variant."""
    config = E3MConfig()
    n = sum(len(p.item.queries) for p in prepared)
    n_boxes = sum(len(frame) for p in prepared for frame in p.boxes(config))
    print(f"\n{set_name}, encoder {encoder_name}, {n} pairs")
    print(f"  {'':31} m_tIoU [90 %]       m_vIoU [90 %]       @0.3   @0.5   images/box", flush=True)
    rows: dict[str, list[Outcome]] = {}
    for variant in variants:
        asked = encoder.asked
        rows[variant] = ours(set_name, prepared, encoder, VARIANTS[variant])
        cost = (encoder.asked - asked) / n_boxes
        print(line(variant, rows[variant]) + (f"  {cost:.2f}" if cost else ""), flush=True)
    print(line("naive per-frame CLIP", per_frame(set_name, prepared, encoder, config)))
    surest = surest_box(set_name, prepared, config)
    print(line("whole video, surest box", surest))
    print(line("ceiling", best_possible(set_name, prepared, config)))
    if DEFAULT in rows:
        print(f"  default: {behaviour(rows[DEFAULT])}")
        print("\n".join(f"  {text}" for text in report(rows[DEFAULT])))
    if set_name == "real":
        ways = {name: rows[name] for name in (PAPER, DEFAULT) if name in rows}
        print("\n".join(by_tag({**ways, "surest box": surest})))
    return rows


def main() -> None:
    """Prints one table per set and encoder, then the paired effects over all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--encoders", nargs="+", default=["bundled", "flickr8k"])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS))
    arguments = parser.parse_args()
    require_shared()
    config = E3MConfig()
    detector = load_detector(str(DETECTOR))
    results: dict[str, dict[str, list[Outcome]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        sets = {
            name: prepare(items(name, Path(folder)), detector, config) for name in arguments.sets
        }
        for encoder_name in arguments.encoders:
            encoder = MemoEncoder(load(encoder_name, folder))
            kept = results.setdefault(encoder_name, {v: [] for v in arguments.variants})
            for set_name, prepared in sets.items():
                rows = print_set(set_name, prepared, encoder_name, encoder, arguments.variants)
                for variant, outcomes in rows.items():
                    kept[variant] += outcomes
            if DEFAULT in kept:
                print(f"\nwrong answers with the highest confidence, encoder {encoder_name}")
                print("\n".join(worst(kept[DEFAULT])))
    if DEFAULT in arguments.variants and len(arguments.variants) > 1:
        print("\nthe default's gain over each variant, mean over the sets, 90 % over videos")
        print("\n".join(effects(results)))


def _has(outcome: Outcome, tag: str) -> bool:
    if tag == "whole video":
        return outcome.true_length > 0.99
    if tag == "distractors":
        counts = [t.split(":")[1].rstrip("+") for t in outcome.tags if t.startswith(f"{tag}:")]
        return any(int(count) >= MANY for count in counts)
    return tag in outcome.tags


if __name__ == "__main__":
    main()

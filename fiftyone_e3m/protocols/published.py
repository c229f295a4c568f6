"""Published results on the benchmarks, and the source of each number."""

from __future__ import annotations

from dataclasses import dataclass

E3M_VIA_L = "arXiv 2509.15178, which quotes it"
L = "arXiv 2509.15178"
CGSTVG = "readme of CG-STVG"
SCANFOCUS = "paper of ScanFocus (2026)"
TASTVG = "readme of TA-STVG"
STVG_O1 = "arXiv 2511.21375"
STVG_R1 = "readme of STVG-R1"


@dataclass(frozen=True)
class Row:
    """One method on one benchmark; numbers in percent, as published.

    Attributes:
        supervision: zero-shot, weak, tuned MLLM or full.
        method: its name and venue.
        m_viou: mean vIoU.
        viou_03: share of sentences with a vIoU above 0.3.
        viou_05: above 0.5.
        source: where the numbers were taken from.
        m_tiou: mean tIoU, if published.
    """

    supervision: str
    method: str
    m_viou: float
    viou_03: float
    viou_05: float
    source: str
    m_tiou: float | None = None


@dataclass(frozen=True)
class Benchmark:
    """A benchmark, as needed for its table.

    Attributes:
        title: title of the table.
        rows: published results.
        split: the dataset split that they refer to.
        n_sentences: number of sentences in the split, of all kinds; None if unknown.
    """

    title: str
    rows: tuple[Row, ...]
    split: str
    n_sentences: int | None = None


HCSTVG_V1 = Benchmark(
    "HC-STVG v1",
    (
        Row("zero-shot", "GPT-4o", 7.9, 4.0, 0.3, STVG_O1, 27.5),
        Row("zero-shot", "RedCircle (ICCV 2023)", 9.2, 7.8, 1.6, L),
        Row("zero-shot", "ReCLIP (ACL 2022)", 14.4, 18.3, 4.9, L),
        Row("zero-shot", "E3M (ECCV 2024)", 19.1, 29.4, 10.6, E3M_VIA_L),
        Row("zero-shot", "Qwen2.5-VL", 19.1, 20.2, 12.6, STVG_O1, 25.6),
        Row("zero-shot", "Yang et al., ShareGPT4Video-8B", 20.0, 32.2, 10.9, L),
        Row("zero-shot", "Yang et al., LLaVA-Next-Video-7B", 20.4, 33.6, 12.4, L),
        Row("zero-shot", "Yang et al., Qwen2-VL-7B", 23.6, 39.0, 14.4, L),
        Row("zero-shot", "Yang et al., LLaVA-OneVision-7B", 24.8, 41.5, 16.3, L),
        Row("zero-shot", "Gemini-2.5-Pro", 25.9, 39.1, 9.9, STVG_O1, 55.1),
        Row("weak", "WINNER (CVPR 2023)", 14.2, 17.2, 6.1, L),
        Row("weak", "VCMA (ECCV 2024)", 14.6, 18.6, 5.8, L),
        Row("weak", "STPro (CVPR 2025)", 17.6, 27.0, 12.9, L),
        Row("weak", "CoSPaL (ICLR 2025)", 22.1, 31.8, 19.6, L),
        Row("tuned MLLM", "STVG-R1 (arXiv 2602.11730)", 39.1, 66.7, 38.6, STVG_R1, 56.9),
        Row("tuned MLLM", "SpaceVLLM-7B", 39.3, 66.6, 36.9, STVG_O1, 56.9),
        Row("tuned MLLM", "STVG-o1 (arXiv 2511.21375)", 44.1, 73.3, 43.5, STVG_O1, 60.3),
        Row("full", "TubeDETR (CVPR 2022)", 32.4, 49.8, 23.5, CGSTVG, 43.7),
        Row("full", "STCAT (NeurIPS 2022)", 35.1, 57.7, 30.1, CGSTVG, 49.4),
        Row("full", "CG-STVG (CVPR 2024)", 38.4, 61.5, 36.3, CGSTVG, 52.8),
        Row("full", "TA-STVG (ICLR 2025)", 39.1, 63.1, 36.8, TASTVG, 53.0),
        Row("full", "ScanFocus (2026)", 41.8, 67.5, 42.2, SCANFOCUS, 55.5),
    ),
    "test",
    1160,
)

HCSTVG_V2 = Benchmark(
    "HC-STVG v2",
    (
        Row("zero-shot", "GPT-4o", 9.1, 5.7, 0.0, STVG_O1, 32.7),
        Row("zero-shot", "Qwen2.5-VL", 13.0, 15.6, 6.4, STVG_O1, 22.9),
        Row("zero-shot", "Yang et al., LLaVA-Next-Video-7B", 23.6, 36.8, 15.5, L),
        Row("zero-shot", "Yang et al., ShareGPT4Video-8B", 24.4, 38.9, 15.4, L),
        Row("zero-shot", "Gemini-2.5-Pro", 24.5, 34.6, 9.6, STVG_O1, 60.4),
        Row("zero-shot", "Yang et al., Qwen2-VL-7B", 25.6, 40.5, 17.1, L),
        Row("zero-shot", "Yang et al., LLaVA-OneVision-7B", 27.7, 44.7, 19.5, L),
        Row("weak", "STPro (CVPR 2025)", 20.0, 31.1, 14.6, L),
        Row("weak", "CoSPaL (ICLR 2025)", 22.2, 31.4, 18.9, L),
        Row("tuned MLLM", "SpaceVLLM-7B", 34.0, 56.9, 24.7, STVG_O1, 58.0),
        Row("tuned MLLM", "STVG-R1 (arXiv 2602.11730)", 40.2, 67.8, 38.8, STVG_R1, 62.0),
        Row("tuned MLLM", "STVG-o1 (arXiv 2511.21375)", 41.2, 68.5, 39.6, STVG_O1, 63.8),
        Row("full", "TubeDETR (CVPR 2022)", 36.4, 58.8, 30.6, CGSTVG, 53.9),
        Row("full", "CG-STVG (CVPR 2024)", 39.5, 64.5, 36.3, CGSTVG, 60.0),
        Row("full", "TA-STVG (ICLR 2025)", 40.2, 65.8, 36.7, TASTVG, 60.4),
        Row("full", "ScanFocus (2026)", 41.7, 68.4, 39.3, SCANFOCUS, 62.4),
    ),
    "validation",
)

VIDSTG_DECLARATIVE = Benchmark(
    "VidSTG, declarative sentences",
    (
        Row("zero-shot", "RedCircle (ICCV 2023)", 8.6, 7.6, 0.9, L),
        Row("zero-shot", "GPT-4o", 9.2, 7.1, 1.6, STVG_O1, 38.3),
        Row("zero-shot", "Qwen2.5-VL", 10.9, 14.3, 5.4, STVG_O1, 16.8),
        Row("zero-shot", "ReCLIP (ACL 2022)", 14.2, 17.5, 7.9, L),
        Row("zero-shot", "E3M (ECCV 2024)", 16.2, 20.5, 11.9, E3M_VIA_L),
        Row("zero-shot", "Yang et al., LLaVA-Next-Video-7B", 16.6, 26.8, 11.1, L),
        Row("zero-shot", "Yang et al., Qwen2-VL-7B", 17.0, 27.4, 11.4, L),
        Row("zero-shot", "Yang et al., ShareGPT4Video-8B", 17.1, 27.8, 11.6, L),
        Row("zero-shot", "Yang et al., LLaVA-OneVision-7B", 18.0, 29.8, 12.2, L),
        Row("zero-shot", "Gemini-2.5-Pro", 22.5, 33.6, 12.0, STVG_O1, 49.9),
        Row("zero-shot", "ASTG (arXiv 2602.13313)", 29.2, 40.3, 27.8, SCANFOCUS, 45.6),
        Row("weak", "WINNER (CVPR 2023)", 11.6, 14.1, 7.4, L),
        Row("weak", "VCMA (ECCV 2024)", 14.5, 18.6, 8.8, L),
        Row("weak", "STPro (CVPR 2025)", 15.5, 19.4, 12.7, L),
        Row("weak", "CoSPaL (ICLR 2025)", 16.0, 20.1, 13.1, L),
        Row("tuned MLLM", "LLaVA-ST (CVPR 2025)", 24.8, 36.0, 22.9, STVG_O1, 45.5),
        Row("tuned MLLM", "SpaceVLLM-7B", 27.4, 39.1, 26.2, SCANFOCUS, 47.7),
        Row("tuned MLLM", "STVG-o1 (arXiv 2511.21375)", 33.5, 48.4, 32.0, STVG_O1, 52.1),
        Row("full", "TubeDETR (CVPR 2022)", 30.4, 42.5, 28.2, CGSTVG, 48.1),
        Row("full", "STCAT (NeurIPS 2022)", 33.1, 46.2, 32.6, CGSTVG, 50.8),
        Row("full", "CG-STVG (CVPR 2024)", 34.0, 47.7, 33.1, CGSTVG, 51.4),
        Row("full", "TA-STVG (ICLR 2025)", 34.4, 48.2, 33.5, TASTVG, 51.7),
        Row("full", "ScanFocus (2026)", 36.5, 50.6, 36.0, SCANFOCUS, 53.3),
    ),
    "test",
    10303,
)

VIDSTG_INTERROGATIVE = Benchmark(
    "VidSTG, interrogative sentences",
    (
        Row("zero-shot", "GPT-4o", 6.1, 3.5, 0.6, STVG_O1, 39.8),
        Row("zero-shot", "ReCLIP (ACL 2022)", 8.4, 8.0, 2.3, L),
        Row("zero-shot", "Qwen2.5-VL", 8.5, 11.3, 4.4, STVG_O1, 13.8),
        Row("zero-shot", "E3M (ECCV 2024)", 10.6, 12.2, 5.4, E3M_VIA_L),
        Row("zero-shot", "Yang et al., Qwen2-VL-7B", 13.0, 19.5, 7.8, L),
        Row("zero-shot", "Yang et al., ShareGPT4Video-8B", 13.1, 21.0, 9.1, L),
        Row("zero-shot", "Yang et al., LLaVA-OneVision-7B", 13.5, 21.4, 8.2, L),
        Row("zero-shot", "Gemini-2.5-Pro", 13.7, 17.3, 8.1, STVG_O1, 45.4),
        Row("zero-shot", "Yang et al., LLaVA-Next-Video-7B", 14.6, 23.1, 9.4, L),
        Row("weak", "WINNER (CVPR 2023)", 10.2, 12.0, 5.5, L),
        Row("weak", "VCMA (ECCV 2024)", 13.3, 16.7, 7.7, L),
        Row("weak", "CoSPaL (ICLR 2025)", 13.5, 16.4, 10.2, L),
        Row("tuned MLLM", "LLaVA-ST (CVPR 2025)", 20.0, 28.1, 17.5, STVG_O1, 43.2),
        Row("tuned MLLM", "SpaceVLLM-7B", 25.4, 35.9, 22.2, SCANFOCUS, 48.5),
        Row("tuned MLLM", "STVG-o1 (arXiv 2511.21375)", 27.9, 39.8, 26.0, STVG_O1, 50.5),
        Row("full", "TubeDETR (CVPR 2022)", 25.7, 35.7, 23.2, CGSTVG, 46.9),
        Row("full", "STCAT (NeurIPS 2022)", 28.2, 39.2, 26.6, CGSTVG, 49.7),
        Row("full", "CG-STVG (CVPR 2024)", 29.0, 40.5, 27.5, CGSTVG, 49.9),
        Row("full", "TA-STVG (ICLR 2025)", 29.5, 41.5, 28.0, TASTVG, 50.2),
        Row("full", "ScanFocus (2026)", 30.7, 42.5, 29.4, SCANFOCUS, 51.4),
    ),
    "test",
    10303,
)

TABLES: dict[str, dict[str | None, Benchmark]] = {
    "hcstvg-v1": {None: HCSTVG_V1},
    "hcstvg-v2": {None: HCSTVG_V2},
    "vidstg": {"declarative": VIDSTG_DECLARATIVE, "interrogative": VIDSTG_INTERROGATIVE},
}
"""The tables of each benchmark, by kind of sentence; None stands for all sentences."""

"""Published weights: whether they are on disk and, if not, whether their hub answers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .base import BF16
from .names import BUNDLED, BUNDLED_WEIGHTS, encoder_files

HUB = "hf-hub:"
HUGGING_FACE = "Hugging Face"
USUAL = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
"""Names of the weights in a repository, if open_clip's list gives no other."""
KNOWN = {"ViT-B-32/laion2b_s34b_b79k": ("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", 605)}
"""Repository and megabytes of the default encoder; for others, open_clip has to be imported."""
PATIENCE = 10.0
"""Seconds within which a hub must answer."""


@dataclass(frozen=True)
class Download:
    """Weights that are not on disk yet, or another part of a model.

    Attributes:
        name: the model, as the user named it.
        source: who publishes them.
        megabytes: their size, if it is known.
        part: what of the model it is.
    """

    name: str
    source: str
    megabytes: int | None = None
    part: str = "weights"

    def __str__(self) -> str:
        return f"{self.name} ({self.size}, from {self.source})"

    @property
    def size(self) -> str:
        """The size as a phrase."""
        return "size unknown" if self.megabytes is None else f"{self.megabytes:,} MB"


def missing_weights(spec: str) -> Download | None:
    """What has to be downloaded before an encoder can be loaded; nothing is loaded or asked for.

    Args:
        spec: the name of an encoder, as `check_encoder` accepts it.

    Returns:
        None if everything is on disk, or if there is no such model.
    """
    plain = spec.removeprefix(BF16)
    if plain == BUNDLED or encoder_files(plain) is not None:
        return None
    repository, files, megabytes = _published(plain)
    if not repository or _cached(repository, files):
        return None
    return Download(spec, f"{HUGGING_FACE}, {repository}", megabytes)


def weights_here(spec: str) -> list[Path]:
    """The files or folders on this machine that hold the weights of an encoder, if there are any.

    Args:
        spec: the name of an encoder, as `check_encoder` accepts it.
    """
    plain = spec.removeprefix(BF16)
    if plain == BUNDLED:
        found = [find_spec(package) for package in BUNDLED_WEIGHTS]
        return [Path(str(package.origin)).parent for package in found if package]
    files = encoder_files(plain)
    return _cached(*_published(plain)[:2]) if files is None else [files]


def published_by(spec: str) -> str | None:
    """The repository of Hugging Face that publishes an encoder's weights; None for other places."""
    plain = spec.removeprefix(BF16)
    if plain == BUNDLED or encoder_files(plain) is not None:
        return None
    return _published(plain)[0] or None


def check_reachable(spec: str) -> None:
    """Asks the hub once, if weights are not on disk; its own client would retry for minutes.

    Raises:
        ConnectionError: the hub does not answer.
    """
    import huggingface_hub
    from huggingface_hub import constants
    from huggingface_hub.utils import HfHubHTTPError

    if constants.HF_HUB_OFFLINE or missing_weights(spec) is None:
        return
    repository, files, _ = _published(spec.removeprefix(BF16))
    try:
        url = huggingface_hub.hf_hub_url(repository, files[0])
        huggingface_hub.get_hf_file_metadata(url, timeout=PATIENCE)
    except HfHubHTTPError:  # an answer; what it means, the download will tell
        return
    except Exception as error:
        raise ConnectionError(f"Hugging Face does not answer: {error}") from error


def is_cached(repository: str, files: tuple[str, ...]) -> bool:
    """Whether one of these files of a repository is in the cache of downloads."""
    return bool(_cached(repository, files))


def _published(plain: str) -> tuple[str, tuple[str, ...], int | None]:
    """Repository, names of the weights, megabytes; an empty repository if none is known."""
    if plain.startswith(HUB):
        return plain.removeprefix(HUB), USUAL, None
    if plain in KNOWN:
        repository, megabytes = KNOWN[plain]
        return repository, USUAL, megabytes
    import open_clip

    model, _, tag = plain.partition("/")
    place = (open_clip.get_pretrained_cfg(model, tag) or {}).get("hf_hub", "")
    repository, _, file = place.rpartition("/")
    return repository, (file, str(Path(file).with_suffix(".safetensors"))) if file else USUAL, None


def _cached(repository: str, files: tuple[str, ...]) -> list[Path]:
    """The first of these files that is in the cache of downloads, as a list, or an empty one."""
    from huggingface_hub import try_to_load_from_cache

    found = (try_to_load_from_cache(repository, file) for file in files if repository)
    return [Path(path) for path in found if isinstance(path, str)][:1]

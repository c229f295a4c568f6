"""The packages with which an open_clip model reads sentences, beside open_clip itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from .base import EncoderError

EXTRA = "transformers"
"""The extra of this package that brings them."""
ALONE = "transformers[sentencepiece]"
"""What the extra brings, for those who have downloaded the plugin; open_clip names it likewise."""
OF_TRANSFORMERS = "hf_model_name", "hf_tokenizer_name"
"""Entries in the description of a text tower that has network or tokenizer from transformers."""


def check_packages(spec: str, text: Mapping[str, Any]) -> None:
    """Checks that the packages are there which a text tower surely needs.

    Args:
        spec: the encoder, for the message.
        text: open_clip's description of its text tower.

    Raises:
        EncoderError: transformers is not installed.
    """
    if any(map(text.get, OF_TRANSFORMERS)) and find_spec("transformers") is None:
        raise _lacks(spec, "transformers")


def lack_behind(spec: str, error: Exception) -> EncoderError | None:
    """The missing package that may have caused an error of a tokenizer; None if there is none.

    Some repositories, such as those of mT5, have a file of sentencepiece alone. Without that
    package, transformers takes it for a file of tiktoken, and says so.
    """
    about = re.search("sentencepiece|tiktoken", str(error), re.IGNORECASE)
    return _lacks(spec, "sentencepiece") if about and find_spec("sentencepiece") is None else None


def _lacks(spec: str, package: str) -> EncoderError:
    return EncoderError(
        f"Encoder '{spec}' reads sentences with the package '{package}', which is not installed: "
        f"pip install 'fiftyone-e3m[{EXTRA}]', or '{ALONE}' alone."
    )

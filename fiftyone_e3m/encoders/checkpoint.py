"""From the name of an open_clip model to its weights and tokenizer, on disk or from a hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import open_clip
import torch

from .base import EncoderError
from .reading import check_packages, lack_behind
from .recipe import Recipe
from .weights import HUB, HUGGING_FACE, Download, check_reachable, is_cached

CODE = "trust_remote_code"
"""The option that lets a tokenizer run code; transformers names it in its refusals."""
LOCAL = "local-dir:"
TOKENIZERS = "tokenizer_config.json", "tokenizer.json", "spiece.model", "sentencepiece.bpe.model"
"""Files of which a repository with a tokenizer has at least one."""


@dataclass(frozen=True)
class Checkpoint:
    """Weights that open_clip can load.

    Attributes:
        spec: the encoder as the user gave it, for messages.
        model: open_clip's name of the model, or of the place that describes it.
        weights: a tag or a file; None where `model` is a place.
    """

    spec: str
    model: str
    weights: str | None

    @classmethod
    def of(cls, plain: str, spec: str) -> Checkpoint:
        """The checkpoint of an encoder.

        Args:
            plain: its name without a precision.
            spec: its name as it was given.

        Raises:
            EncoderError: there is no such model, tag or file.
        """
        if plain.startswith((LOCAL, HUB)):
            return cls(spec, plain, None)
        model, _, weights = plain.partition("/")
        if model not in open_clip.list_models():
            raise EncoderError(
                f"Encoder '{spec}': open_clip has no model '{model}'. Use 'bundled' or "
                "'<model>/<pretrained tag or checkpoint path>'; `open_clip.list_models()` lists "
                "all."
            )
        tags = open_clip.list_pretrained_tags_by_model(model)
        if weights not in tags and not Path(weights).is_file():
            raise EncoderError(
                f"Encoder '{spec}': '{weights}' is neither a file nor a pretrained tag of {model}; "
                f"its tags are {', '.join(tags) or 'none'}."
            )
        return cls(spec, model, weights)

    def check(self) -> None:
        """Checks what can be told without a network: its description, and packages it reads with.

        Raises:
            EncoderError: the description is broken, or a package is missing.
        """
        if self.model.startswith(HUB):
            return
        try:
            self._text()
        except EncoderError:
            raise
        except Exception as error:
            raise self._no_weights(error) from error

    def to_fetch(self) -> Download | None:
        """The tokenizer or the network with which it reads, if that is to come from a hub.

        Weights come first: of a model of a hub, it is only then known how it reads.

        Raises:
            EncoderError: a package is missing that it needs.
            Exception: the description is not here, or broken.
        """
        text = self._text()
        own = self.model.startswith(LOCAL)
        tokenizer = None if own else text.get("hf_tokenizer_name")
        tower = text.get("hf_model_name")
        if tokenizer and not is_cached(tokenizer, TOKENIZERS):
            return Download(self.spec, f"{HUGGING_FACE}, {tokenizer}", part="tokenizer")
        if tower and not Path(tower).is_dir() and not is_cached(tower, ("config.json",)):
            return Download(self.spec, f"{HUGGING_FACE}, {tower}", part="text tower")
        return None

    def load(self, trust_remote_code: bool) -> tuple[torch.nn.Module, Any, str | None]:
        """The model, its tokenizer, and a notice about them or None.

        Weights are read as numbers only: safetensors, or pickles of which torch builds nothing but
        tensors.

        Raises:
            EncoderError: they cannot be loaded, need a package that is not installed, or bring code
                that is not trusted.
        """
        self.check()
        recipe = Recipe.of(self.model, self.weights) if self.weights else Recipe({})
        try:
            check_reachable(self.spec)
            text = self._text()
            if not trust_remote_code:
                self._refuse_code(text)
        except EncoderError:
            raise
        except Exception as error:
            raise self._no_weights(error) from error
        tokenizer = self._tokenizer(text, trust_remote_code)
        try:
            model = open_clip.create_model(
                self.model,
                pretrained=self.weights,
                require_pretrained=True,
                weights_only=True,
                **recipe.options,
            )
        except Exception as error:
            raise self._no_weights(error) from error
        return model, tokenizer, recipe.notice

    def _text(self) -> dict[str, Any]:
        """The description of the text tower.

        Raises:
            EncoderError: a package is missing that it needs.
        """
        text: dict[str, Any] = open_clip.get_model_config(self.model)["text_cfg"]
        check_packages(self.spec, text)
        return text

    def _refuse_code(self, text: dict[str, Any]) -> None:
        """Looks for code before anything is loaded; without a refusal, transformers would ask.

        Raises:
            EncoderError: the tokenizer asks to be trusted, or the text tower has code of its own or
                cannot be looked at.
        """
        if text.get("tokenizer_kwargs", {}).get(CODE):
            raise self._brings_code()
        if text.get("hf_model_name"):
            from transformers import AutoConfig

            try:
                AutoConfig.from_pretrained(text["hf_model_name"], trust_remote_code=False)
            except Exception as error:
                if CODE in str(error):
                    raise self._brings_code() from error
                raise self._no_files("text tower", text["hf_model_name"], error) from error

    def _tokenizer(self, text: dict[str, Any], trust_remote_code: bool) -> Any:
        source = text.get("hf_tokenizer_name")
        options = {CODE: trust_remote_code} if source else {}
        try:
            return open_clip.get_tokenizer(self.model, **options)
        except Exception as error:
            if CODE in str(error):
                raise self._brings_code() from error
            folder = self.model.removeprefix(LOCAL)
            place = folder if folder != self.model else source
            raise (
                lack_behind(self.spec, error) or self._no_files("tokenizer", place, error)
            ) from error

    def _brings_code(self) -> EncoderError:
        what = (
            f"Encoder '{self.spec}' brings program code of its own, which was not run. If you "
            "trust who made it, ground from Python"
        )
        return EncoderError(f"{what}: ground(..., {CODE}=True).", f"{what}.")

    def _no_weights(self, error: Exception) -> EncoderError:
        return EncoderError(
            f"The weights of encoder '{self.spec}' could not be loaded ({_first_lines(error)}). "
            "Without a network, give a checkpoint file as '<model>/<path>', a folder as "
            "'local-dir:<folder>', or try 'bundled', which comes with the package but knows only "
            "objects, not actions."
        )

    def _no_files(self, what: str, place: str | None, error: Exception) -> EncoderError:
        """Part of the text tower is neither in its folder nor can it be fetched."""
        is_folder = Path(str(place)).is_dir()
        where = f"the folder '{place}'" if is_folder else f"the hub's repository '{place}'"
        return EncoderError(
            f"The {what} of encoder '{self.spec}' could not be loaded ({_first_lines(error)}). Its "
            f"files belong in {where}. Without a network, give a folder that holds weights and "
            "tokenizer as 'local-dir:<folder>'."
        )


def _first_lines(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {' '.join(line.strip() for line in lines[:2])}"

"""A tokenizer of whole words, which needs no network."""

import pytest

WORDS = ["[PAD]", "[UNK]", "[END]", ",", "a", "dog", "cat", "red", "runs"]


@pytest.fixture
def words():
    """A tokenizer of transformers: words and commas are tokens, and an end token follows."""
    transformers = pytest.importorskip("transformers")
    tokenizers = pytest.importorskip("tokenizers")
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    model = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    model.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    model.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A [END]", special_tokens=[("[END]", vocabulary["[END]"])]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=model, pad_token="[PAD]", unk_token="[UNK]", eos_token="[END]"
    )

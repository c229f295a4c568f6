"""Small detectors of transformers that take text, with random weights, as folders to load from."""

import json
import string

SIZE = 64
WORDS = ["dog", "cat", "object", "label", "_", "0", "1", "."]
SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}


def grounding_dino(folder):
    """A Grounding DINO and its processor."""
    import torch
    from transformers import (
        BertConfig,
        BertTokenizerFast,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
    )

    vocabulary = folder / "vocab.txt"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary.write_text("\n".join([*special, *WORDS]))
    torch.manual_seed(0)
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    layers = {"encoder_layers": 1, "decoder_layers": 2, "num_queries": 8}
    config = GroundingDinoConfig(
        backbone_config=_swin(),
        text_config=BertConfig(vocab_size=len(special + WORDS), **SMALL),
        d_model=64,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        **heads,
        **layers,
    )
    GroundingDinoForObjectDetection(config).save_pretrained(folder)
    pictures = GroundingDinoImageProcessor(size={"shortest_edge": SIZE, "longest_edge": SIZE})
    GroundingDinoProcessor(pictures, BertTokenizerFast(str(vocabulary))).save_pretrained(folder)


def omdet(folder):
    """An OmDet-Turbo and its processor."""
    import torch
    from transformers import (
        CLIPTextConfig,
        DetrImageProcessor,
        OmDetTurboConfig,
        OmDetTurboForObjectDetection,
        OmDetTurboProcessor,
    )

    tokenizer = _letters(folder)
    torch.manual_seed(0)
    texts = {"text_projection_in_dim": 32, "text_projection_out_dim": 32, "class_embed_dim": 32}
    config = OmDetTurboConfig(
        backbone_config=_swin(),
        backbone=None,
        use_timm_backbone=False,
        apply_layernorm_after_vision_backbone=False,
        text_config=CLIPTextConfig(projection_dim=32, **_texts(tokenizer)),
        image_size=SIZE,
        num_queries=8,
        task_encoder_hidden_dim=32,
        vision_features_channels=[64, 64, 64],
        encoder_in_channels=[16, 32, 64],
        encoder_hidden_dim=64,
        encoder_attention_heads=2,
        encoder_dim_feedforward=32,
        decoder_hidden_dim=64,  # that of the classes would need no projection, which it expects
        decoder_num_heads=2,
        decoder_num_layers=1,
        decoder_dim_feedforward=32,
        **texts,
    )
    model = OmDetTurboForObjectDetection(config)
    for weights in model.parameters():  # older versions of transformers leave the text's at 0
        torch.nn.init.normal_(weights, std=0.2)
    model.save_pretrained(folder)
    pictures = DetrImageProcessor(size={"height": SIZE, "width": SIZE}, do_pad=False)
    OmDetTurboProcessor(pictures, tokenizer).save_pretrained(folder)


def owl(folder):
    """An OWL-ViT and its processor."""
    import torch
    from transformers import (
        OwlViTConfig,
        OwlViTForObjectDetection,
        OwlViTImageProcessor,
        OwlViTProcessor,
    )

    tokenizer = _letters(folder)
    torch.manual_seed(0)
    config = OwlViTConfig(
        text_config=_texts(tokenizer),
        vision_config={"image_size": SIZE, "patch_size": 16, **SMALL},
        projection_dim=32,
    )
    OwlViTForObjectDetection(config).save_pretrained(folder)
    pictures = OwlViTImageProcessor(size={"height": SIZE, "width": SIZE})
    OwlViTProcessor(pictures, tokenizer).save_pretrained(folder)


def _swin():
    from transformers import SwinConfig

    return SwinConfig(
        image_size=SIZE,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=2,
        out_features=["stage2", "stage3", "stage4"],
    )


def _letters(folder):
    """CLIP's tokenizer with a vocabulary of letters."""
    from transformers import CLIPTokenizer

    letters = [*string.printable.strip(), *(f"{letter}</w>" for letter in string.printable.strip())]
    words = [*letters, "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer.from_pretrained(folder)


def _texts(tokenizer):
    """The configuration of a text encoder."""
    special = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    return {"vocab_size": len(tokenizer), "max_position_embeddings": 77, **special, **SMALL}

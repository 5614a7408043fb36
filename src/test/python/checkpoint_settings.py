"""The text files that lie beside the weights: sizes, preprocessing and tokenizer."""

import json
from itertools import product

MEAN, DEVIATION = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
FIRST_MERGES = [("d", "o"), ("do", "g</w>"), ("c", "a"), ("ca", "t</w>"), ("t", "h"), ("th", "e</w>")]


def write_json(folder, name, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def openclip_settings(folder, s, quick_gelu):
    model = {"embed_dim": s.embedding,
             "vision_cfg": {"image_size": s.image, "layers": s.layers, "width": s.width, "patch_size": s.patch},
             "text_cfg": {"context_length": s.context, "vocab_size": s.vocabulary, "width": s.text_width,
                          "heads": s.text_width // 64, "layers": s.text_layers}}
    write_json(folder, "open_clip_config.json", {"model_cfg": model | ({"quick_gelu": True} if quick_gelu else {}),
                                                 "preprocess_cfg": {"mean": MEAN, "std": DEVIATION}})


def huggingface_settings(folder, s):
    shared = {"hidden_act": "quick_gelu", "layer_norm_eps": 1e-5, "attention_dropout": 0.0, "projection_dim": s.embedding}
    text = shared | {"model_type": "clip_text_model", "hidden_size": s.text_width, "intermediate_size": 4 * s.text_width,
                     "num_attention_heads": s.text_width // 64, "num_hidden_layers": s.text_layers,
                     "max_position_embeddings": s.context, "vocab_size": s.vocabulary, "bos_token_id": 0, "eos_token_id": 2}
    vision = shared | {"model_type": "clip_vision_model", "hidden_size": s.width, "intermediate_size": 4 * s.width,
                       "num_attention_heads": s.width // 64, "num_hidden_layers": s.layers, "image_size": s.image,
                       "patch_size": s.patch}
    write_json(folder, "config.json", {"architectures": ["CLIPModel"], "model_type": "clip", "projection_dim": s.embedding,
                                       "logit_scale_init_value": 2.6592, "text_config": text, "vision_config": vision})
    write_json(folder, "preprocessor_config.json", {
        "feature_extractor_type": "CLIPFeatureExtractor", "do_resize": True, "size": s.image, "resample": 3,
        "do_center_crop": True, "crop_size": s.image, "do_normalize": True, "image_mean": MEAN, "image_std": DEVIATION})
    letters = byte_letters()
    symbols = letters + [f"{letter}</w>" for letter in letters]
    merges = (FIRST_MERGES + list(product(letters, symbols[256:])))[:s.vocabulary - 514]
    words = symbols + ["".join(pair) for pair in merges] + ["<|startoftext|>", "<|endoftext|>"]
    assert len(set(words)) == s.vocabulary
    write_json(folder, "vocab.json", {word: number for number, word in enumerate(words)})
    lines = ["#version: 0.2"] + [" ".join(pair) for pair in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def byte_letters():
    """The letter of each byte in the order of the vocabulary: printable bytes as they are, then the others from U+0100 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - len(printable))]

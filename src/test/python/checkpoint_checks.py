"""Reads the written checkpoints back with the libraries that own the formats and checks keys, counts and a few values."""

import numpy as np
import torch
from safetensors.torch import load_file

VIT_PARTS = ("norm1", "attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2")
CLIP_PARTS = ("ln_1.weight", "ln_1.bias", "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj.weight",
              "attn.out_proj.bias", "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight",
              "mlp.c_proj.bias")
NUMBERS = {"input_resolution", "context_length", "vocab_size"}


def load(path):
    return torch.load(path, map_location="cpu", weights_only=False)


def same(keys, expected, what):
    assert set(keys) == set(expected), f"{what}: {sorted(set(keys) ^ set(expected))}"


def kinds(*names):
    return [f"{name}.{kind}" for name in names for kind in ("weight", "bias")]


def clip_keys(s):
    blocks = [f"visual.transformer.resblocks.{i}." for i in range(s.layers)]
    blocks += [f"transformer.resblocks.{i}." for i in range(s.text_layers)]
    return [block + part for block in blocks for part in CLIP_PARTS] + [
        "visual.class_embedding", "visual.positional_embedding", "visual.proj", "visual.conv1.weight", "token_embedding.weight",
        "positional_embedding", "text_projection", "logit_scale"] + kinds("visual.ln_pre", "visual.ln_post", "ln_final")


def vit_keys(s):
    blocks = kinds(*(f"blocks.{i}.{part}" for i in range(s.layers) for part in VIT_PARTS))
    return blocks + ["cls_token", "pos_embed"] + kinds("patch_embed.proj", "norm")


def openai(state, s):
    same(state, {*clip_keys(s), *NUMBERS}, "OpenAI")
    assert len(clip_keys(s)) == 14 + 12 * (s.layers + s.text_layers)
    whole = ("ln_", "embedding", "logit_scale")
    for name in clip_keys(s):
        assert (state[name].dtype == torch.float32) == any(part in name for part in whole), name


def equal(state, reference, names):
    for name, key in names.items():
        assert torch.equal(state[name].float(), reference[key].float()), name


def clip(folder, s):
    state = load(folder / "openai-clip-state-dict.pt")
    openai(state, s)
    scripted = torch.jit.load(str(folder / "openai-clip-torchscript.pt"))
    for other in (load(folder / "openai-clip-legacy.pt"), scripted.state_dict()):
        openai(other, s)
        equal(other, state, {name: name for name in state})
    keys = {name: name for name in clip_keys(s)}
    training = load(folder / "openclip-training.pt")
    for other in (load(folder / "openclip/open_clip_pytorch_model.bin"),
                  load_file(folder / "openclip-quickgelu/open_clip_model.safetensors"),
                  {name[len("module."):]: tensor for name, tensor in training["state_dict"].items()}):
        same(other, keys, "OpenCLIP")
        equal(other, state, keys)
    named = load_file(folder / "huggingface-clip/model.safetensors")
    assert len(named) == 16 + 16 * (s.layers + s.text_layers)
    shards = {}
    for number in (1, 2):
        shards |= load_file(folder / f"huggingface-clip-sharded/model-{number:05}-of-00002.safetensors")
    for other in (shards, load(folder / "huggingface-clip-bin/pytorch_model.bin")):
        same(other, named, "Hugging Face")
        equal(other, named, {name: name for name in named})
    scripted.float()
    golden = load_file(folder / "clip-quickgelu.golden.safetensors")
    with torch.no_grad():
        torch.testing.assert_close(scripted.encode_image(golden["image"]), golden["image_embedding"], rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(scripted.encode_text(golden["tokens"]), golden["text_embedding"], rtol=1e-3, atol=1e-3)


def vit(folder, s):
    keys = vit_keys(s)
    assert len(keys) == 6 + 12 * s.layers
    state = load(folder / "dino.pth")
    same(state, keys, "DINO")
    bare = {name: name for name in keys}
    head = set(kinds("head"))
    for other, more in ((load(folder / "dino-legacy.pth"), set()), (load(folder / "ibot-1k-teacher.pth")["state_dict"], set()),
                        (load(folder / "augreg-timm.bin"), head), (load_file(folder / "augreg-timm.safetensors"), head)):
        same(other, {*keys, *more}, "timm")
        equal(other, state, bare)
    with np.load(folder / "google-vit.npz") as plain, np.load(folder / "google-vit-prefixed.npz") as prefixed:
        assert len(plain.files) == 8 + 16 * s.layers
        same(prefixed.files, [f"opt/target/{name}" for name in plain.files], "Google")
        block = "Transformer/encoderblock_0/MultiHeadDotProductAttention_1/"
        query = plain[block + "query/kernel"].reshape(s.width, s.width).T
        assert np.array_equal(query, state["blocks.0.attn.qkv.weight"][:s.width].numpy())
        out = plain[block + "out/kernel"].reshape(s.width, s.width).T
        assert np.array_equal(out, state["blocks.0.attn.proj.weight"].numpy())


def ibot(folder, s):
    content = load(folder / "ibot-21k.pth")
    same(content, ["student", "teacher", "optimizer", "epoch", "args", "ibot_loss", "fp16_scaler"], "iBOT")
    heads = [*kinds("head.mlp.0", "head.mlp.2", "head.mlp.4"), "head.last_layer.weight_g", "head.last_layer.weight_v"]
    teacher = [f"backbone.{name}" for name in vit_keys(s)] + heads
    same(content["teacher"], teacher, "iBOT teacher")
    same(content["student"], [f"module.{name}" for name in (*teacher, "backbone.masked_embed")], "iBOT student")


def moco(folder, s):
    content = load(folder / "mocov3.pth.tar")
    same(content, ["epoch", "arch", "state_dict", "optimizer", "scaler"], "MoCo v3")
    for encoder in ("base_encoder", "momentum_encoder"):
        prefix = f"module.{encoder}."
        names = [name[len(prefix):] for name in content["state_dict"] if name.startswith(prefix)]
        same([name for name in names if not name.startswith("head.")], vit_keys(s), "MoCo v3")
        same({name.split(".")[1] for name in names if name.startswith("head.")}, "013467", "MoCo v3 head")


def reader(folder):
    for name in ("oddities.pt", "oddities-legacy.pt"):
        content = load(folder / name)
        assert content["expanded"].stride() == (1, 0) and content["shared"]["row"].storage_offset() == 12
    same(load(folder / "unsupported.pt"), ["dense", "sparse", "quantised", "complex64"], "unsupported")

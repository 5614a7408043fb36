"""The same weights under the names and in the shapes of other publishers."""

import numpy as np
import torch


def huggingface_names(state, s):
    """Of OpenAI's names: projections as linear layers, attention as three maps, the position numbers as tensors."""
    named = {"logit_scale": state["logit_scale"],
             "visual_projection.weight": state["visual.proj"].t(),
             "text_projection.weight": state["text_projection"].t(),
             "text_model.embeddings.token_embedding.weight": state["token_embedding.weight"],
             "text_model.embeddings.position_embedding.weight": state["positional_embedding"],
             "text_model.embeddings.position_ids": torch.arange(s.context)[None],
             "vision_model.embeddings.class_embedding": state["visual.class_embedding"],
             "vision_model.embeddings.patch_embedding.weight": state["visual.conv1.weight"],
             "vision_model.embeddings.position_embedding.weight": state["visual.positional_embedding"],
             "vision_model.embeddings.position_ids": torch.arange(s.tokens)[None]}
    norms = {"visual.ln_pre": "vision_model.pre_layrnorm", "visual.ln_post": "vision_model.post_layernorm",
             "ln_final": "text_model.final_layer_norm"}
    parts = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj", "mlp.c_fc": "mlp.fc1",
             "mlp.c_proj": "mlp.fc2"}
    moved = dict(norms)
    for old, new, layers in (("visual.transformer", "vision_model", s.layers), ("transformer", "text_model", s.text_layers)):
        for i in range(layers):
            block, layer = f"{old}.resblocks.{i}", f"{new}.encoder.layers.{i}"
            moved |= {f"{block}.{part}": f"{layer}.{name}" for part, name in parts.items()}
            for kind in ("weight", "bias"):
                for letter, third in zip("qkv", state[f"{block}.attn.in_proj_{kind}"].chunk(3)):
                    named[f"{layer}.self_attn.{letter}_proj.{kind}"] = third
    return named | {f"{new}.{kind}": state[f"{old}.{kind}"] for old, new in moved.items() for kind in ("weight", "bias")}


def google_names(state, s):
    """Of timm's names: kernels with the input first, attention with an axis for the heads, convolutions as HWIO."""
    heads = s.width // 64
    arrays = {"cls": state["cls_token"], "Transformer/posembed_input/pos_embedding": state["pos_embed"],
              "embedding/kernel": state["patch_embed.proj.weight"].permute(2, 3, 1, 0),
              "embedding/bias": state["patch_embed.proj.bias"],
              "head/kernel": state["head.weight"].t(), "head/bias": state["head.bias"]}
    norms = {"norm": "Transformer/encoder_norm"}
    for i in range(s.layers):
        block, path = f"blocks.{i}", f"Transformer/encoderblock_{i}"
        norms |= {f"{block}.norm1": f"{path}/LayerNorm_0", f"{block}.norm2": f"{path}/LayerNorm_2"}
        attention = f"{path}/MultiHeadDotProductAttention_1"
        thirds = zip(state[f"{block}.attn.qkv.weight"].chunk(3), state[f"{block}.attn.qkv.bias"].chunk(3))
        for name, (weight, bias) in zip(("query", "key", "value"), thirds):
            arrays[f"{attention}/{name}/kernel"] = weight.t().reshape(s.width, heads, 64)
            arrays[f"{attention}/{name}/bias"] = bias.reshape(heads, 64)
        arrays[f"{attention}/out/kernel"] = state[f"{block}.attn.proj.weight"].t().reshape(heads, 64, s.width)
        arrays[f"{attention}/out/bias"] = state[f"{block}.attn.proj.bias"]
        for old, new in (("fc1", "Dense_0"), ("fc2", "Dense_1")):
            arrays[f"{path}/MlpBlock_3/{new}/kernel"] = state[f"{block}.mlp.{old}.weight"].t()
            arrays[f"{path}/MlpBlock_3/{new}/bias"] = state[f"{block}.mlp.{old}.bias"]
    for old, new in norms.items():
        arrays |= {f"{new}/scale": state[f"{old}.weight"], f"{new}/bias": state[f"{old}.bias"]}
    return {name: np.ascontiguousarray(tensor.detach().numpy()) for name, tensor in arrays.items()}

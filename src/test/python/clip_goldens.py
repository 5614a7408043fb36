"""Writes the golden files of the parity tests: small random towers, computed with PyTorch alone.

    pip install torch numpy safetensors
    python src/test/python/clip_goldens.py

Three files in src/test/resources/dev/itprompt/model: CLIP's vision transformer, CLIP's text transformer and a timm-style
vision transformer. Each holds the weights under the names their checkpoints use and, below "golden.", inputs, outputs, the
loss sum(output * weights) and gradients of this loss. Weights and inputs are float32; everything is computed in float64 and
rounded once, so that the files are exact to float32 whatever the machine. Sizes are ragged on purpose: widths, heads and
token counts that are no multiple of a vector, prefixes shared by the batch in block 0 and one set per sample in block 1.
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

FOLDER = Path(__file__).parent.parent / "resources/dev/itprompt/model"


class Source:
    """Random float32 values, widened to float64; what is handed out under a name is kept for the file."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors = {}

    def normal(self, name, *shape, deviation=1.0, mean=0.0):
        values = torch.randn(*shape, generator=self.generator, dtype=torch.float32) * deviation + mean
        self.tensors[name] = values.double().requires_grad_()
        return self.tensors[name]

    def linear(self, name, rows, columns, separator="."):
        self.normal(f"{name}{separator}weight", rows, columns, deviation=1 / math.sqrt(columns))
        self.normal(f"{name}{separator}bias", rows, deviation=0.2)

    def layer_norm(self, name, width):
        self.normal(f"{name}.weight", width, deviation=0.3, mean=1.0)
        self.normal(f"{name}.bias", width, deviation=0.3)

    def __getitem__(self, name):
        return self.tensors[name]


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


def norm(source, name, x, epsilon):
    return F.layer_norm(x, x.shape[-1:], source[f"{name}.weight"], source[f"{name}.bias"], epsilon)


def linear(source, name, x, separator="."):
    return F.linear(x, source[f"{name}{separator}weight"], source[f"{name}{separator}bias"])


def attention(qkv, heads, causal, prefix):
    """qkv [B, N, 3D]; prefix None or (keys, values), each [P, D] or [B, P, D], placed before the tokens' own."""
    batch, tokens, triple = qkv.shape
    width = triple // 3

    def split(x):
        return x.reshape(batch, -1, heads, width // heads).transpose(1, 2)

    q, k, v = (split(part) for part in qkv.split(width, dim=-1))
    if prefix is not None:
        keys, values = (p if p.dim() == 3 else p.expand(batch, *p.shape) for p in prefix)
        k = torch.cat([split(keys), k], dim=2)
        v = torch.cat([split(values), v], dim=2)
    mask = None
    if causal:
        mask = torch.full((tokens, tokens), -math.inf, dtype=qkv.dtype).triu(1)
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return mixed.transpose(1, 2).reshape(batch, tokens, width)


def clip_blocks(source, path, width, layers):
    for i in range(layers):
        block = f"{path}.resblocks.{i}"
        source.layer_norm(f"{block}.ln_1", width)
        source.linear(f"{block}.attn.in_proj", 3 * width, width, separator="_")
        source.linear(f"{block}.attn.out_proj", width, width)
        source.layer_norm(f"{block}.ln_2", width)
        source.linear(f"{block}.mlp.c_fc", 4 * width, width)
        source.linear(f"{block}.mlp.c_proj", width, 4 * width)


def run_clip_blocks(source, path, x, layers, heads, causal, prefixes):
    for i in range(layers):
        block = f"{path}.resblocks.{i}"
        qkv = linear(source, f"{block}.attn.in_proj", norm(source, f"{block}.ln_1", x, 1e-5), separator="_")
        x = x + linear(source, f"{block}.attn.out_proj", attention(qkv, heads, causal, prefixes.get(i)))
        hidden = quick_gelu(linear(source, f"{block}.mlp.c_fc", norm(source, f"{block}.ln_2", x, 1e-5)))
        x = x + linear(source, f"{block}.mlp.c_proj", hidden)
    return x


def prefixes_for(source, batch, rows, width):
    """Shared by the batch in block 0, one set per sample in block 1, none above."""
    shapes = {0: (rows, width), 1: (batch, rows, width)}
    return {i: (source.normal(f"golden.prefix.{i}.keys", *shape), source.normal(f"golden.prefix.{i}.values", *shape))
            for i, shape in shapes.items()}


def embed(source, image, patch, kernel, bias, class_token, positions):
    grid = F.conv2d(image, source[kernel], None if bias is None else source[bias], stride=patch)
    x = grid.flatten(2).transpose(1, 2)
    token = source[class_token].reshape(1, 1, -1).expand(x.shape[0], 1, -1)
    return torch.cat([token, x], dim=1) + source[positions].reshape(1, -1, x.shape[-1])


def finish(source, output, gradients, file):
    """Adds outputs and gradients, and writes everything as float32."""
    weights = torch.randn(*output.shape, generator=source.generator, dtype=torch.float32).double()
    loss = (output * weights).sum()
    loss.backward()
    tensors = {name: tensor.detach().clone() for name, tensor in source.tensors.items()}
    tensors |= {"golden.output": output.detach(), "golden.weights": weights, "golden.loss": loss.detach()}
    tensors |= {f"golden.gradient.{name}": source[name].grad for name in gradients}
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.float().contiguous() for name, tensor in tensors.items()}, FOLDER / file)


def prefix_names():
    return [f"golden.prefix.{i}.{kind}" for i in (0, 1) for kind in ("keys", "values")]


def clip_vision(width=36, layers=3, heads=3, side=24, patch=8, embedding=21, batch=2):
    s = Source(1)
    s.normal("visual.conv1.weight", width, 3, patch, patch, deviation=1 / math.sqrt(3 * patch * patch))
    s.normal("visual.class_embedding", width)
    s.normal("visual.positional_embedding", (side // patch) ** 2 + 1, width, deviation=0.5)
    s.layer_norm("visual.ln_pre", width)
    clip_blocks(s, "visual.transformer", width, layers)
    s.layer_norm("visual.ln_post", width)
    s.normal("visual.proj", width, embedding, deviation=1 / math.sqrt(width))
    image = s.normal("golden.image", batch, 3, side, side)
    prefixes = prefixes_for(s, batch, 3, width)

    x = embed(s, image, patch, "visual.conv1.weight", None, "visual.class_embedding", "visual.positional_embedding")
    x = run_clip_blocks(s, "visual.transformer", norm(s, "visual.ln_pre", x, 1e-5), layers, heads, False, prefixes)
    output = norm(s, "visual.ln_post", x[:, 0], 1e-5) @ s["visual.proj"]
    finish(s, output, prefix_names() + ["visual.class_embedding", "visual.positional_embedding", "visual.ln_pre.weight",
                                        "visual.transformer.resblocks.2.attn.in_proj_weight", "visual.proj"],
           "clip-vision.safetensors")


def clip_text(width=28, layers=2, heads=2, context=11, vocabulary=50, embedding=21):
    s = Source(2)
    s.normal("token_embedding.weight", vocabulary, width)
    s.normal("positional_embedding", context, width, deviation=0.5)
    clip_blocks(s, "transformer", width, layers)
    s.layer_norm("ln_final", width)
    s.normal("text_projection", width, embedding, deviation=1 / math.sqrt(width))
    start, end = vocabulary - 2, vocabulary - 1
    tokens = torch.zeros(3, context, dtype=torch.long)
    for row, length in enumerate((1, 4, context - 2)):
        words = torch.randint(0, vocabulary - 2, (length,), generator=s.generator)
        tokens[row, : length + 2] = torch.cat([torch.tensor([start]), words, torch.tensor([end])])

    x = s["token_embedding.weight"][tokens] + s["positional_embedding"]
    x = run_clip_blocks(s, "transformer", x, layers, heads, True, {})
    pooled = norm(s, "ln_final", x, 1e-5)[torch.arange(len(tokens)), tokens.argmax(dim=-1)]
    output = pooled @ s["text_projection"]
    s.tensors["golden.tokens"] = tokens.double()
    finish(s, output, ["token_embedding.weight", "positional_embedding", "transformer.resblocks.0.attn.in_proj_weight",
                       "transformer.resblocks.1.mlp.c_proj.bias", "text_projection"], "clip-text.safetensors")


def timm_vision(width=40, layers=2, heads=2, side=24, patch=8, batch=3):
    s = Source(3)
    s.normal("cls_token", 1, 1, width)
    s.normal("pos_embed", 1, (side // patch) ** 2 + 1, width, deviation=0.5)
    s.normal("patch_embed.proj.weight", width, 3, patch, patch, deviation=1 / math.sqrt(3 * patch * patch))
    s.normal("patch_embed.proj.bias", width, deviation=0.2)
    for i in range(layers):
        s.layer_norm(f"blocks.{i}.norm1", width)
        s.linear(f"blocks.{i}.attn.qkv", 3 * width, width)
        s.linear(f"blocks.{i}.attn.proj", width, width)
        s.layer_norm(f"blocks.{i}.norm2", width)
        s.linear(f"blocks.{i}.mlp.fc1", 4 * width, width)
        s.linear(f"blocks.{i}.mlp.fc2", width, 4 * width)
    s.layer_norm("norm", width)
    image = s.normal("golden.image", batch, 3, side, side)
    prefixes = prefixes_for(s, batch, 5, width)

    x = embed(s, image, patch, "patch_embed.proj.weight", "patch_embed.proj.bias", "cls_token", "pos_embed")
    for i in range(layers):
        qkv = linear(s, f"blocks.{i}.attn.qkv", norm(s, f"blocks.{i}.norm1", x, 1e-6))
        x = x + linear(s, f"blocks.{i}.attn.proj", attention(qkv, heads, False, prefixes.get(i)))
        hidden = F.gelu(linear(s, f"blocks.{i}.mlp.fc1", norm(s, f"blocks.{i}.norm2", x, 1e-6)))
        x = x + linear(s, f"blocks.{i}.mlp.fc2", hidden)
    output = norm(s, "norm", x, 1e-6)[:, 0]
    finish(s, output, prefix_names() + ["cls_token", "pos_embed", "patch_embed.proj.bias", "blocks.1.mlp.fc1.weight"],
           "timm-vision.safetensors")


if __name__ == "__main__":
    clip_vision()
    clip_text()
    timm_vision()

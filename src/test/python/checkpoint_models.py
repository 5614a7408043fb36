"""Networks with the attribute names that the published checkpoints show, random weights for them, and their sizes."""

import math
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Optional

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Sizes:
    """Both towers have one head per 64 columns and a hidden width of four times theirs."""
    image: int
    patch: int
    width: int
    layers: int
    embedding: int
    text_width: int
    text_layers: int
    context: int
    vocabulary: int
    sparse: bool = False

    @property
    def tokens(self):
        return (self.image // self.patch) ** 2 + 1


SMALL = Sizes(image=32, patch=8, width=128, layers=2, embedding=32, text_width=64, text_layers=2, context=16, vocabulary=520,
              sparse=True)
B16 = Sizes(image=224, patch=16, width=768, layers=12, embedding=512, text_width=512, text_layers=12, context=77,
            vocabulary=49408)
B32 = replace(B16, patch=32)
L14 = replace(B16, patch=14, width=1024, layers=24, embedding=768, text_width=768)


class QuickGelu(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class ClipBlock(nn.Module):
    def __init__(self, width, activation):
        super().__init__()
        self.attn = nn.MultiheadAttention(width, width // 64)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(OrderedDict([("c_fc", nn.Linear(width, 4 * width)), ("gelu", activation()),
                                              ("c_proj", nn.Linear(4 * width, width))]))
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x, mask: Optional[torch.Tensor]):
        normed = self.ln_1(x)
        x = x + self.attn(normed, normed, normed, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class ClipTransformer(nn.Module):
    def __init__(self, width, layers, activation):
        super().__init__()
        self.width = width
        self.layers = layers
        self.resblocks = nn.ModuleList([ClipBlock(width, activation) for _ in range(layers)])

    def forward(self, x, mask: Optional[torch.Tensor] = None):
        """x [B, N, D]; the attention wants the tokens first."""
        x = x.transpose(0, 1)
        for block in self.resblocks:
            x = block(x, mask)
        return x.transpose(0, 1)


class ClipVision(nn.Module):
    def __init__(self, s, activation):
        super().__init__()
        self.input_resolution = s.image
        self.output_dim = s.embedding
        self.conv1 = nn.Conv2d(3, s.width, s.patch, stride=s.patch, bias=False)
        self.class_embedding = nn.Parameter(torch.empty(s.width))
        self.positional_embedding = nn.Parameter(torch.empty(s.tokens, s.width))
        self.ln_pre = nn.LayerNorm(s.width)
        self.transformer = ClipTransformer(s.width, s.layers, activation)
        self.ln_post = nn.LayerNorm(s.width)
        self.proj = nn.Parameter(torch.empty(s.width, s.embedding))

    def forward(self, image):
        x = self.conv1(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(x.shape[0], 1, -1), x], dim=1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(x))[:, 0]) @ self.proj


class Clip(nn.Module):
    def __init__(self, s, activation=QuickGelu):
        super().__init__()
        self.visual = ClipVision(s, activation)
        self.transformer = ClipTransformer(s.text_width, s.text_layers, activation)
        self.token_embedding = nn.Embedding(s.vocabulary, s.text_width)
        self.positional_embedding = nn.Parameter(torch.empty(s.context, s.text_width))
        self.ln_final = nn.LayerNorm(s.text_width)
        self.text_projection = nn.Parameter(torch.empty(s.text_width, s.embedding))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(100)))

    @torch.jit.export
    def encode_image(self, image):
        return self.visual(image)

    @torch.jit.export
    def encode_text(self, tokens):
        x = self.token_embedding(tokens) + self.positional_embedding
        mask = torch.full((x.shape[1], x.shape[1]), -math.inf, dtype=x.dtype).triu(1)
        x = self.ln_final(self.transformer(x, mask))
        return x[torch.arange(x.shape[0]), tokens.argmax(dim=-1)] @ self.text_projection

    def forward(self, image, tokens):
        features = F.normalize(self.encode_image(image), dim=-1)
        return self.logit_scale.exp() * features @ F.normalize(self.encode_text(tokens), dim=-1).t()


class TimmAttention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, width // 64, 64).permute(2, 0, 3, 1, 4)
        mixed = (q @ k.transpose(-2, -1) / 8).softmax(dim=-1) @ v
        return self.proj(mixed.transpose(1, 2).reshape(batch, tokens, width))


class TimmBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = TimmAttention(width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(OrderedDict([("fc1", nn.Linear(width, 4 * width)), ("act", nn.GELU()),
                                              ("fc2", nn.Linear(4 * width, width))]))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class TimmVision(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.cls_token = nn.Parameter(torch.empty(1, 1, s.width))
        self.pos_embed = nn.Parameter(torch.empty(1, s.tokens, s.width))
        self.patch_embed = nn.Sequential(OrderedDict(proj=nn.Conv2d(3, s.width, s.patch, stride=s.patch)))
        self.blocks = nn.Sequential(*[TimmBlock(s.width) for _ in range(s.layers)])
        self.norm = nn.LayerNorm(s.width, eps=1e-6)

    def forward(self, image):
        x = self.patch_embed(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1) + self.pos_embed
        return self.norm(self.blocks(x))[:, 0]


def randomise(module, seed, sparse):
    """Random weights of a scale that keeps activations near one.

    Sparse: three random diagonals a matrix and multiples of 1/16, so that files of honest shapes pack small and every value
    is exact in every float type.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(shape, deviation):
        return torch.randn(*shape, generator=generator) * deviation

    def matrix(rows, columns):
        if not sparse:
            return normal((rows, columns), 1 / math.sqrt(columns))
        values = torch.zeros(rows, columns)
        for offset in torch.randperm(columns, generator=generator)[:3]:
            row = torch.arange(rows)
            values[row, (row + offset) % columns] = normal((rows,), 0.6)
        return values

    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name == "logit_scale":
                continue
            shape = parameter.shape
            if name.endswith("proj") and parameter.dim() == 2 or name == "text_projection":
                values = matrix(shape[1], shape[0]).t()
            elif name.endswith("weight") and parameter.dim() > 1:
                values = matrix(shape[0], parameter[0].numel()).reshape(shape)
                values = values * 8 if "token_embedding" in name and not sparse else values
            elif name.endswith("weight"):
                values = 1 + normal(shape, 0.3)
            else:
                values = normal(shape, 0.2 if name.endswith("bias") else 0.5)
            parameter.copy_((values * 16).round() / 16 if sparse else values)
    return module.eval()


def halve(clip):
    """The mixed storage of OpenAI's files: convolutions, linear maps, attention and projections as fp16, the rest as fp32."""
    for module in clip.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.half()
        elif isinstance(module, nn.MultiheadAttention):
            module.in_proj_weight.data = module.in_proj_weight.data.half()
            module.in_proj_bias.data = module.in_proj_bias.data.half()
    clip.visual.proj.data = clip.visual.proj.data.half()
    clip.text_projection.data = clip.text_projection.data.half()
    return clip


def sine_cosine_positions(s):
    """MoCo v3's fixed position embedding [1, 1 + grid * grid, D]: sine and cosine of a patch's two coordinates, the one that
    moves slowly first; the class row is zero.
    """
    grid = s.image // s.patch
    steps = torch.arange(grid, dtype=torch.float32)
    frequencies = 10000 ** (-torch.arange(s.width // 4, dtype=torch.float32) / (s.width // 4))
    slow, fast = (axis.reshape(-1, 1) * frequencies for axis in (steps.repeat_interleave(grid), steps.repeat(grid)))
    embedding = torch.cat([slow.sin(), slow.cos(), fast.sin(), fast.cos()], dim=1)
    return torch.cat([torch.zeros(1, s.width), embedding])[None]

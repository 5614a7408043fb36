"""The work of `itprompt bench` in PyTorch: a frozen image tower embeds a batch, then runs again with prefix keys and values in its
first five blocks, forward and backward to the prefixes and a classifier, and AdamW steps. Random weights and images.

    python3 kernels/pytorch_step.py --model vit-b16 --batch 128 --device cuda

Needs PyTorch 2. Prints one Markdown row per precision and way of execution; the variants take turns, and the median over rounds
counts.
"""
import argparse
import contextlib
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

# Image and patch size, width, blocks, features; whether all tokens are averaged or the class token is taken.
MODELS = {"tiny": (32, 8, 256, 3, 256, True), "vit-b32": (224, 32, 768, 12, 512), "vit-b16": (224, 16, 768, 12, 512),
          "vit-l14": (224, 14, 1024, 24, 768)}
PREFIX, PROMPTED, CLASSES = 8, 5, 100


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.heads = width // 64
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def split(self, x):
        return x.unflatten(-1, (self.heads, 64)).transpose(1, 2)

    def forward(self, x, prefix):
        q, k, v = self.qkv(self.ln_1(x)).chunk(3, -1)
        if prefix is not None:
            k, v = (torch.cat([p.to(own.dtype).expand(len(x), -1, -1), own], 1) for p, own in zip(prefix, (k, v)))
        y = F.scaled_dot_product_attention(*map(self.split, (q, k, v))).transpose(1, 2).flatten(2)
        x = x + self.out(y)
        h = self.up(self.ln_2(x))
        return x + self.down(h * torch.sigmoid(1.702 * h))


class Tower(nn.Module):
    def __init__(self, size, patch, width, layers, features, mean=False):
        super().__init__()
        self.mean = mean
        self.patches = nn.Conv2d(3, width, patch, patch, bias=False)
        self.token = nn.Parameter(torch.randn(width) * width ** -0.5)
        self.position = nn.Parameter(torch.randn((size // patch) ** 2 + 1, width) * width ** -0.5)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(layers))
        self.projection = nn.Linear(width, features, bias=False)

    def forward(self, images, prefixes=None):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), 1, -1), x], 1)
        x = self.ln_pre(x + self.position)
        for i, block in enumerate(self.blocks):
            x = block(x, None if prefixes is None or i >= len(prefixes) else prefixes[i])
        return self.projection(self.ln_post(x).mean(1) if self.mean else self.ln_post(x[:, 0]))


def step_of(options, compiled, half):
    """One training step as a function without arguments."""
    torch.manual_seed(0)
    size, _, width, layers, features = MODELS[options.model][:5]
    tower = Tower(*MODELS[options.model]).to(options.device).requires_grad_(False)
    prefixes = nn.Parameter(torch.randn(min(PROMPTED, layers), 2, 1, PREFIX, width, device=options.device))
    key = nn.Parameter(torch.randn(1, features, device=options.device))
    head = nn.Linear(features, CLASSES).to(options.device)
    texts = F.normalize(torch.randn(10, features, device=options.device), dim=-1)
    loaded = torch.randn(options.batch, 3, size, size)
    labels = torch.randint(10, (options.batch,), device=options.device)
    parameters = [prefixes, key, *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0)
    model = torch.compile(tower) if compiled else tower

    def step():
        images = loaded.to(options.device)
        with torch.autocast(options.device, torch.bfloat16) if half else contextlib.nullcontext():
            with torch.no_grad():
                queries = model(images)
            z = model(images, prefixes)
        z, queries = z.float(), queries.float()
        unit = F.normalize(z, dim=-1)
        loss = (F.cross_entropy(head(z)[:, :10], labels) + F.cross_entropy(100 * unit @ texts.T, labels)
                + 0.1 * F.cross_entropy(z @ z.T / 0.8, torch.arange(len(z), device=z.device))
                + (1 - F.cosine_similarity(queries, key).mean()))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return loss.item()

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, default="vit-b16")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--eager-only", action="store_true", help="leave out what torch.compile makes of it")
    options = parser.parse_args()
    precisions = {"fp32": (False, False), "tf32": (True, False), "bf16": (False, True)}
    steps = {}
    for name, (_, half) in precisions.items():
        if name == "tf32" and options.device != "cuda":
            continue
        steps[name, "eager"] = step_of(options, False, half)
        if not options.eager_only:
            steps[name, "compiled"] = step_of(options, True, half)
    seconds = {variant: [] for variant in steps}
    for turn in range(-2, options.rounds):
        for variant, step in steps.items():
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precisions[variant[0]][0]
            start = time.perf_counter()
            step()
            if turn >= 0:
                seconds[variant].append(time.perf_counter() - start)
    name = torch.cuda.get_device_name() if options.device == "cuda" else "cpu"
    for (precision, way), values in seconds.items():
        median = statistics.median(values)
        print(f"| PyTorch {torch.__version__} {way}, {name} | {precision} | {options.batch / median:.2f} | {1000 * median:.1f} |")


if __name__ == "__main__":
    main()

"""Writes what the peers run: a CLIP vision transformer and a training step as TorchScript, and the transformer as ONNX.

    python src/peers/python/peers.py

Needs torch (2.x) and onnx. Weights are arguments (TorchScript) or external initializers (ONNX), so the files hold a few kilobytes
each; the order of weights is that of weight_names. Written to src/peers/resources/dev/itprompt/peers:

    embed-POOLING.pt  (images, weights) -> image embeddings
    step-POOLING.pt   (images, labels, weights, prefixes, head) -> loss, embeddings of the queries
    ops.pt            single ops: layer_norm, gelu, softmax, attention
    embed-NAME.onnx   images -> image embeddings, for vit-b16

POOLING is CLASS_TOKEN or MEAN.
"""

from pathlib import Path
from typing import List

import torch
import torch.nn.functional as F

FOLDER = Path(__file__).parent.parent / "resources/dev/itprompt/peers"


def weight_names(layers):
    names = ["conv1.weight", "class_embedding", "positional_embedding", "ln_pre.weight", "ln_pre.bias"]
    for layer in range(layers):
        block = f"transformer.resblocks.{layer}."
        names += [block + part for part in (
            "ln_1.weight", "ln_1.bias", "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj.weight", "attn.out_proj.bias",
            "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias")]
    return names + ["ln_post.weight", "ln_post.bias", "proj"]


def block(x: torch.Tensor, w: List[torch.Tensor], at: int, prefixes: List[torch.Tensor], prefix: int):
    batch, tokens, width = x.shape
    heads = width // 64
    qkv = F.linear(F.layer_norm(x, [width], w[at], w[at + 1], 1e-5), w[at + 2], w[at + 3])
    q, k, v = qkv.chunk(3, dim=-1)
    if prefix < len(prefixes):
        k = torch.cat([prefixes[prefix].unsqueeze(0).expand(batch, -1, -1), k], dim=1)
        v = torch.cat([prefixes[prefix + 1].unsqueeze(0).expand(batch, -1, -1), v], dim=1)
    q = q.view(batch, tokens, heads, 64).transpose(1, 2)
    k = k.view(batch, -1, heads, 64).transpose(1, 2)
    v = v.view(batch, -1, heads, 64).transpose(1, 2)
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, tokens, width)
    x = x + F.linear(mixed, w[at + 4], w[at + 5])
    hidden = F.linear(F.layer_norm(x, [width], w[at + 6], w[at + 7], 1e-5), w[at + 8], w[at + 9])
    return x + F.linear(hidden * torch.sigmoid(1.702 * hidden), w[at + 10], w[at + 11])


def embed(images: torch.Tensor, w: List[torch.Tensor], prefixes: List[torch.Tensor], mean: bool):
    width, patch = w[0].shape[0], w[0].shape[2]
    x = F.conv2d(images, w[0], None, [patch, patch]).flatten(2).transpose(1, 2)
    x = torch.cat([w[1].view(1, 1, width).expand(x.shape[0], 1, width), x], dim=1) + w[2]
    x = F.layer_norm(x, [width], w[3], w[4], 1e-5)
    at = 5
    layer = 0
    while at + 12 <= len(w) - 3:
        x = block(x, w, at, prefixes, 2 * layer)
        at += 12
        layer += 1
    if mean:
        pooled = F.layer_norm(x, [width], w[at], w[at + 1], 1e-5).mean(1)
    else:
        pooled = F.layer_norm(x[:, 0], [width], w[at], w[at + 1], 1e-5)
    return pooled @ w[at + 2]


class Embed(torch.nn.Module):
    def __init__(self, mean: bool):
        super().__init__()
        self.mean = mean

    def forward(self, images: torch.Tensor, weights: List[torch.Tensor]):
        with torch.no_grad():
            none: List[torch.Tensor] = []
            return embed(images, weights, none, self.mean)


class Step(torch.nn.Module):
    def __init__(self, mean: bool):
        super().__init__()
        self.mean = mean

    def forward(self, images: torch.Tensor, labels: torch.Tensor, weights: List[torch.Tensor], prefixes: List[torch.Tensor],
                head: torch.Tensor):
        with torch.no_grad():
            none: List[torch.Tensor] = []
            queries = embed(images, weights, none, self.mean)
        features = embed(images, weights, prefixes, self.mean)
        return F.cross_entropy(F.linear(features, head), labels), queries


class Ops(torch.nn.Module):
    """kind: 0 layer norm, 1 GELU, 2 softmax, 3 attention over (q, k, v) of [batch, heads, tokens, 64]."""

    def forward(self, kind: torch.Tensor, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor):
        which = int(kind)
        if which == 0:
            return F.layer_norm(x, [x.shape[-1]], a, b, 1e-5)
        if which == 1:
            return F.gelu(x)
        if which == 2:
            return torch.softmax(x, -1)
        return F.scaled_dot_product_attention(x, a, b)


def onnx_embed(side, patch, width, layers, out):
    import onnx
    from onnx import TensorProto, helper

    nodes, initializers, constants = [], [], {}
    heads, tokens = width // 64, (side // patch) ** 2 + 1

    def node(op, *inputs, count=1, **attributes):
        names = [f"{op}_{len(nodes)}_{i}" for i in range(count)]
        nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names[0] if count == 1 else names

    def weight(name, *dims):
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="weights")
        initializers.append(tensor)
        return name

    def integers(*values):
        name = "int_" + "_".join(map(str, values)).replace("-", "m")
        if name not in constants:
            constants[name] = helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
        return name

    def number(value):
        name = f"float_{value}"
        constants[name] = helper.make_tensor(name, TensorProto.FLOAT, [], [value])
        return name

    def norm(x, name):
        return node("LayerNormalization", x, weight(name + ".weight", width), weight(name + ".bias", width), axis=-1, epsilon=1e-5)

    def linear(x, w, b, rows, columns):  # weights are given as [in, out], as exporters fold them
        return node("Add", node("MatMul", x, weight(w, columns, rows)), weight(b, rows))

    x = node("Conv", "images", weight("conv1.weight", width, 3, patch, patch), strides=[patch, patch], kernel_shape=[patch, patch])
    x = node("Transpose", node("Reshape", x, integers(0, width, -1)), perm=[0, 2, 1])
    batch = node("Slice", node("Shape", "images"), integers(0), integers(1))
    cls = node("Expand", weight("class_embedding", 1, 1, width), node("Concat", batch, integers(1), integers(width), axis=0))
    x = node("Add", node("Concat", cls, x, axis=1), weight("positional_embedding", tokens, width))
    x = norm(x, "ln_pre")
    for layer in range(layers):
        p = f"transformer.resblocks.{layer}."
        qkv = linear(norm(x, p + "ln_1"), p + "attn.in_proj_weight", p + "attn.in_proj_bias", 3 * width, width)
        parts = node("Split", qkv, count=3, axis=-1, num_outputs=3)
        q, k, v = (node("Reshape", part, integers(0, 0, heads, 64)) for part in parts)
        q, v = node("Transpose", q, perm=[0, 2, 1, 3]), node("Transpose", v, perm=[0, 2, 1, 3])
        scores = node("Mul", node("MatMul", q, node("Transpose", k, perm=[0, 2, 3, 1])), number(0.125))
        mixed = node("Transpose", node("MatMul", node("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
        mixed = node("Reshape", mixed, integers(0, 0, width))
        x = node("Add", x, linear(mixed, p + "attn.out_proj.weight", p + "attn.out_proj.bias", width, width))
        h = linear(norm(x, p + "ln_2"), p + "mlp.c_fc.weight", p + "mlp.c_fc.bias", 4 * width, width)
        h = node("Mul", h, node("Sigmoid", node("Mul", h, number(1.702))))
        x = node("Add", x, linear(h, p + "mlp.c_proj.weight", p + "mlp.c_proj.bias", width, 4 * width))
    first = node("Squeeze", node("Slice", x, integers(0), integers(1), integers(1)), integers(1))
    node("MatMul", norm(first, "ln_post"), weight("proj", width, out))
    result = nodes[-1].output[0]
    graph = helper.make_graph(
        nodes, "embed", [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, side, side])],
        [helper.make_tensor_value_info(result, TensorProto.FLOAT, ["batch", out])], initializers + list(constants.values()))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    scripts = {"embed-CLASS_TOKEN": Embed(False), "embed-MEAN": Embed(True), "step-CLASS_TOKEN": Step(False), "step-MEAN": Step(True),
               "ops": Ops()}
    for name, module in scripts.items():
        torch.jit.script(module).save(str(FOLDER / f"{name}.pt"))
    (FOLDER / "embed-vit-b16.onnx").write_bytes(onnx_embed(224, 16, 768, 12, 512).SerializeToString())


if __name__ == "__main__":
    main()

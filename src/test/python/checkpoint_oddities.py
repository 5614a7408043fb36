"""What a reader of PyTorch's files meets besides plain weights, and the resize of position embeddings."""

import argparse
import json
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

GRIDS = [(4, 2), (4, 7), (7, 14), (14, 16)]


def oddities():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 4
    dtypes = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int8, torch.int16, torch.int32, torch.int64]
    return {
        "dtypes": {str(dtype).split(".")[1]: torch.tensor([[-2, -1, 0], [1, 2, 127]]).to(dtype) for dtype in dtypes}
        | {"uint8": torch.tensor([0, 1, 128, 255], dtype=torch.uint8), "bool": torch.tensor([True, False, True])},
        "fractions": {"float64": torch.tensor([0.1, 1e300, -5e-324], dtype=torch.float64),
                      "float32": torch.tensor([0.1, 3e38, -1e-45]),
                      "float16": torch.tensor([0.1, 65504, -6e-8]).half(),
                      "bfloat16": torch.tensor([0.1, 3e38, -1e-40]).bfloat16()},
        "int64_large": torch.tensor([2 ** 40, -2 ** 40]),
        "scalar": torch.tensor(2.5), "empty": torch.empty(0), "empty_rows": torch.empty(0, 3),
        "transposed": base.t(), "sliced": base[1:3, 2:5], "stepped": base[::2, ::3], "offset": base.flatten()[5:9],
        "shared": {"whole": base, "row": base[2]},
        "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 3),
        "permuted": torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1),
        "parameter": nn.Parameter(torch.tensor([1.5, -1.5])),
        "buffer_without_gradient": nn.Parameter(torch.tensor([0.5]), requires_grad=False),
        "nested": {"list": [torch.tensor([1.0]), {"deep": torch.tensor([2.0])}], "tuple": (torch.tensor([3.0]), 4, "five")},
        "ordered": OrderedDict([("second", torch.tensor([2.0])), ("first", torch.tensor([1.0]))]),
        "dotted.key": {"with.dots": torch.tensor([6.0])},
        "arguments": argparse.Namespace(arch="vit_base", patch_size=16, lr=5e-4, flag=True, nothing=None),
        "none": None, "size": torch.Size([2, 3]), "device": torch.device("cpu"), "dtype": torch.float16,
        "array": np.arange(6, dtype=np.float32).reshape(2, 3), "array_fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "numpy_float": np.float64(1.5), "numpy_int": np.int64(7), "text": "naïve", "bytes": b"\x00\xff", "big": 2 ** 70,
        "set": {1, 2}, "complex": 1 + 2j,
    }


def flatten(value, path=""):
    """(dotted path, tensor or array) of all that dicts, lists and tuples hold."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        yield path, value
    elif isinstance(value, (dict, list, tuple)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from flatten(item, f"{path}.{key}" if path else str(key))


def describe(name, value):
    exact = value.tolist() if isinstance(value, np.ndarray) else value.detach().reshape(-1).tolist()
    values = np.array(exact).reshape(-1).tolist()
    return {"name": name, "dtype": str(value.dtype).replace("torch.", ""), "shape": list(value.shape), "values": values}


def write_oddities(folder):
    content = oddities()
    torch.save(content, folder / "oddities.pt")
    torch.save(content, folder / "oddities-legacy.pt", _use_new_zipfile_serialization=False)
    leaves = list(flatten(content))
    golden = {"tensors": [describe(name, leaf) for name, leaf in leaves if isinstance(leaf, torch.Tensor)],
              "arrays": [describe(name, leaf) for name, leaf in leaves if isinstance(leaf, np.ndarray)]}
    lines = [f'"{kind}": [\n  ' + ",\n  ".join(json.dumps(entry) for entry in golden[kind]) + "\n]" for kind in golden]
    (folder / "oddities.golden.json").write_text("{" + ",\n".join(lines) + "}\n")
    dense = torch.tensor([1.0, 2.0])
    torch.save({"dense": dense, "sparse": torch.eye(3).to_sparse(),
                "quantised": torch.quantize_per_tensor(torch.tensor([0.0, 0.5, 1.0]), 0.1, 10, torch.quint8),
                "complex64": torch.tensor([1 + 2j])}, folder / "unsupported.pt")


def write_resizes(folder):
    generator = torch.Generator().manual_seed(9)
    tensors = {}
    for i, (old, new) in enumerate(GRIDS):
        positions = torch.randn(1 + old * old, 3, generator=generator)
        grid = positions[1:].double().reshape(1, old, old, 3).permute(0, 3, 1, 2)
        resized = F.interpolate(grid, size=(new, new), mode="bicubic", align_corners=False)
        rows = resized.permute(0, 2, 3, 1).reshape(new * new, 3).float()
        tensors |= {f"in.{i}": positions, f"out.{i}": torch.cat([positions[:1], rows])}
    save_file(tensors, folder / "pos-embed-resize.golden.safetensors")

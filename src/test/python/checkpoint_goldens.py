"""Writes checkpoints of random weights in the layouts of the published files, and what PyTorch computes from them.

    python src/test/python/checkpoint_goldens.py [--only FAMILY]
    python src/test/python/checkpoint_goldens.py --true-size FOLDER [--only FAMILY]

The first form writes small models to src/test/resources/dev/itprompt/checkpoint, computed in float64 and rounded once; model
files are packed with gzip there (NAME.gz, unpack before reading). The second writes models of the true sizes, computed in
float32 and not packed. Both read back what they wrote and check its keys. The families and the golden file of each model file:

    clip   clip-quickgelu.golden.safetensors   openai-clip-torchscript.pt, openai-clip-state-dict.pt, openai-clip-legacy.pt,
                                               openclip-quickgelu/, huggingface-clip/, huggingface-clip-sharded/,
                                               huggingface-clip-bin/
           clip-gelu.golden.safetensors        openclip/, openclip-training.pt (the same weights, exact GELU)
    b32    clip-b32.golden.safetensors         openai-clip-torchscript-b32.pt (true size only)
    l14    clip-l14.golden.safetensors         openai-clip-torchscript-l14.pt (true size only)
    vit    vit.golden.safetensors              dino.pth, dino-legacy.pth, ibot-1k-teacher.pth, augreg-timm.bin,
                                               augreg-timm.safetensors, google-vit.npz, google-vit-prefixed.npz
    ibot   ibot-21k.golden.safetensors         ibot-21k.pth (teacher: image_embedding, student: image_embedding.student)
    moco   mocov3.golden.safetensors           mocov3.pth.tar (base: image_embedding, momentum: image_embedding.momentum)
    reader oddities.golden.json                oddities.pt, oddities-legacy.pt; unsupported.pt and
           pos-embed-resize.golden.safetensors have no model

A golden file holds "image" [2, 3, S, S], normalised already, and "image_embedding" [2, E]; for CLIP also "tokens" [3, context],
"text_embedding" [3, E] (neither embedding is scaled to length one) and "logit_scale". The embedding of a timm backbone is the
class token after the final norm.
"""

import argparse
import copy
import gzip
import json
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

import checkpoint_checks as checks
from checkpoint_models import B16, B32, L14, SMALL, Clip, TimmVision, halve, randomise, sine_cosine_positions
from checkpoint_names import google_names, huggingface_names
from checkpoint_oddities import write_oddities, write_resizes
from checkpoint_settings import huggingface_settings, openclip_settings

FOLDER = Path(__file__).parent.parent / "resources/dev/itprompt/checkpoint"


def report(path, write, *arguments, **options):
    """Writes one file, with the folders above it, and prints its row of the table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    write(*arguments, **options)
    seconds = time.perf_counter() - start
    print(f"{path.parent.name + '/' + path.name:60} {path.stat().st_size:14,} bytes {seconds:7.1f} s", flush=True)


def save(content, path, **options):
    report(path, torch.save, content, path, **options)


def save_tensors(tensors, path):
    report(path, lambda: save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, path,
                                   metadata={"format": "pt"}))


def save_arrays(arrays, path):
    report(path, lambda: np.savez(path, **arrays))


def save_script(module, path):
    """As TorchScript without the debug records, which quote the source and its place on this machine."""
    def write():
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / path.name
            torch.jit.script(module).save(str(whole))
            reader = torch._C.PyTorchFileReader(str(whole))
            writer = torch._C.PyTorchFileWriter(str(path))
            for name in sorted(reader.get_all_records()):
                if not name.endswith(".debug_pkl") and name != "version" and not name.startswith(".data/"):
                    record = reader.get_record(name)
                    writer.write_record(name, record, len(record))
            writer.write_end_of_file()
    report(path, write)


def images(s):
    return torch.randn(2, 3, s.image, s.image, generator=torch.Generator().manual_seed(100))


def embed(model, image, dtype):
    with torch.no_grad():
        return copy.deepcopy(model).to(dtype)(image.to(dtype)).float()


def clip_golden(clip, s, dtype, path):
    generator = torch.Generator().manual_seed(101)
    tokens = torch.zeros(3, s.context, dtype=torch.long)
    for row, length in enumerate((1, 5, s.context - 2)):
        words = torch.randint(0, s.vocabulary - 2, (length,), generator=generator)
        tokens[row, :length + 2] = torch.cat([torch.tensor([s.vocabulary - 2]), words, torch.tensor([s.vocabulary - 1])])
    image = images(s)
    with torch.no_grad():
        text = copy.deepcopy(clip).to(dtype).encode_text(tokens).float()
    save_tensors({"image": image, "image_embedding": embed(clip.visual, image, dtype), "tokens": tokens.int(),
                  "text_embedding": text, "logit_scale": clip.logit_scale.float()}, path)


def optimizer_state(parameters):
    """AdamW's after one step along a gradient of zero: the state is complete and the weights are what they were."""
    parameters = list(parameters)
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.0)
    for parameter in parameters:
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return optimizer.state_dict()


def openai_clip(s, seed):
    """With the three numbers that OpenAI's archives hold as tensors."""
    clip = halve(randomise(Clip(s), seed, s.sparse))
    for name, value in {"input_resolution": s.image, "context_length": s.context, "vocab_size": s.vocabulary}.items():
        clip.register_buffer(name, torch.tensor(value))
    return clip


def clip_family(folder, s, dtype):
    openai = openai_clip(s, 1)
    clip_golden(openai, s, dtype, folder / "clip-quickgelu.golden.safetensors")
    save_script(openai, folder / "openai-clip-torchscript.pt")
    save(openai.state_dict(), folder / "openai-clip-state-dict.pt")
    save(openai.state_dict(), folder / "openai-clip-legacy.pt", _use_new_zipfile_serialization=False)

    openclip = Clip(s, nn.GELU).eval()
    openclip.load_state_dict(openai.state_dict(), strict=False)
    state = openclip.state_dict()
    clip_golden(openclip, s, dtype, folder / "clip-gelu.golden.safetensors")
    save(state, folder / "openclip/open_clip_pytorch_model.bin")
    openclip_settings(folder / "openclip", s, quick_gelu=False)
    save_tensors(state, folder / "openclip-quickgelu/open_clip_model.safetensors")
    openclip_settings(folder / "openclip-quickgelu", s, quick_gelu=True)
    save({"epoch": 32, "name": "ViT-B-16", "state_dict": {f"module.{name}": tensor for name, tensor in state.items()},
          "optimizer": optimizer_state(openclip.parameters())}, folder / "openclip-training.pt")

    named = huggingface_names(state, s)
    huggingface = folder / "huggingface-clip"
    save_tensors(named, huggingface / "model.safetensors")
    huggingface_settings(huggingface, s)
    sharded = folder / "huggingface-clip-sharded"
    huggingface_settings(sharded, s)
    keys, weight_map = sorted(named), {}
    for number, shard in enumerate((keys[:len(keys) // 2], keys[len(keys) // 2:]), start=1):
        file = f"model-{number:05}-of-00002.safetensors"
        save_tensors({key: named[key] for key in shard}, sharded / file)
        weight_map |= dict.fromkeys(shard, file)
    total = sum(tensor.numel() * tensor.element_size() for tensor in named.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (sharded / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    huggingface_settings(folder / "huggingface-clip-bin", s)
    save(named, folder / "huggingface-clip-bin/pytorch_model.bin")
    checks.clip(folder, s)


def script_family(name, s, folder, _, dtype):
    clip = openai_clip(s, 2)
    path = folder / f"openai-clip-torchscript-{name}.pt"
    clip_golden(clip, s, dtype, folder / f"clip-{name}.golden.safetensors")
    save_script(clip, path)
    checks.openai(torch.jit.load(str(path)).state_dict(), s)


def vit_family(folder, s, dtype):
    vit = randomise(TimmVision(s), 3, s.sparse)
    image = images(s)
    save_tensors({"image": image, "image_embedding": embed(vit, image, dtype)}, folder / "vit.golden.safetensors")
    state = vit.state_dict()
    save(state, folder / "dino.pth")
    save(state, folder / "dino-legacy.pth", _use_new_zipfile_serialization=False)
    save({"state_dict": state}, folder / "ibot-1k-teacher.pth")
    head = randomise(nn.Linear(s.width, 10 if s.sparse else 1000), 4, s.sparse)
    augreg = state | {f"head.{name}": tensor for name, tensor in head.state_dict().items()}
    save(augreg, folder / "augreg-timm.bin")
    save_tensors(augreg, folder / "augreg-timm.safetensors")
    arrays = google_names(augreg, s)
    save_arrays(arrays, folder / "google-vit.npz")
    save_arrays({f"opt/target/{name}": array for name, array in arrays.items()}, folder / "google-vit-prefixed.npz")
    checks.vit(folder, s)


def ibot_family(folder, s, dtype):
    hidden, bottleneck, prototypes = (16, 8, 24) if s.sparse else (2048, 256, 8192)

    def network(seed, masked):
        model = nn.Module()
        model.backbone = TimmVision(s)
        if masked:
            model.backbone.masked_embed = nn.Parameter(torch.empty(1, s.width))
        model.head = nn.Module()
        model.head.mlp = nn.Sequential(nn.Linear(s.width, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(),
                                       nn.Linear(hidden, bottleneck))
        model.head.last_layer = nn.utils.weight_norm(nn.Linear(bottleneck, prototypes, bias=False))
        return randomise(model, seed, s.sparse)

    teacher, student = network(5, masked=False), network(6, masked=True)
    image = images(s)
    save_tensors({"image": image, "image_embedding": embed(teacher.backbone, image, dtype),
                  "image_embedding.student": embed(student.backbone, image, dtype)}, folder / "ibot-21k.golden.safetensors")
    arguments = argparse.Namespace(arch="vit_base", patch_size=16, out_dim=prototypes, norm_last_layer=True, lr=5e-4,
                                   global_crops_scale=(0.32, 1.0), pred_ratio=[0.0, 0.3], output_dir="output", use_fp16=False)
    save({"student": {f"module.{name}": tensor for name, tensor in student.state_dict().items()},
          "teacher": teacher.state_dict(),
          "optimizer": optimizer_state(student.parameters()), "epoch": 80, "args": arguments,
          "ibot_loss": {"center": torch.zeros(1, prototypes), "center2": torch.zeros(1, 1, prototypes)}, "fp16_scaler": None},
         folder / "ibot-21k.pth")
    checks.ibot(folder, s)


def moco_family(folder, s, dtype):
    hidden, output = (16, 8) if s.sparse else (4096, 256)

    def mlp(*widths):
        layers = []
        for old, new in zip(widths, widths[1:]):
            layers += [nn.Linear(old, new, bias=False), nn.BatchNorm1d(new), nn.ReLU()]
        return nn.Sequential(*layers[:-2], nn.BatchNorm1d(widths[-1], affine=False))

    model = nn.Module()
    for name in ("base_encoder", "momentum_encoder"):
        encoder = TimmVision(s)
        encoder.head = mlp(s.width, hidden, hidden, output)
        model.add_module(name, encoder)
    model.predictor = mlp(output, hidden, output)
    randomise(model, 7, s.sparse)
    for encoder in (model.base_encoder, model.momentum_encoder):
        encoder.pos_embed = nn.Parameter(sine_cosine_positions(s), requires_grad=False)
    image = images(s)
    save_tensors({"image": image, "image_embedding": embed(model.base_encoder, image, dtype),
                  "image_embedding.momentum": embed(model.momentum_encoder, image, dtype)}, folder / "mocov3.golden.safetensors")
    trained = [*model.base_encoder.parameters(), *model.predictor.parameters()]
    trained = [parameter for parameter in trained if parameter.requires_grad]
    save({"epoch": 300, "arch": "vit_base",
          "state_dict": {f"module.{name}": tensor for name, tensor in model.state_dict().items()},
          "optimizer": optimizer_state(trained),
          "scaler": {"scale": 65536.0, "growth_factor": 2.0, "backoff_factor": 0.5, "growth_interval": 2000,
                     "_growth_tracker": 0}},
         folder / "mocov3.pth.tar")
    checks.moco(folder, s)


def reader_family(folder, _, __):
    write_oddities(folder)
    write_resizes(folder)
    checks.reader(folder)


FAMILIES = {"clip": clip_family, "vit": vit_family, "ibot": ibot_family, "moco": moco_family, "reader": reader_family}
TRUE_SIZE_FAMILIES = FAMILIES | {"b32": partial(script_family, "b32", B32), "l14": partial(script_family, "l14", L14)}


def pack(source, target):
    """Copies a folder and packs the model files in it."""
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        copied = target / file.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix in (".json", ".txt") or ".golden." in file.name:
            shutil.copyfile(file, copied)
        else:
            copied.with_name(copied.name + ".gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--true-size", type=Path, metavar="FOLDER")
    parser.add_argument("--only", choices=TRUE_SIZE_FAMILIES)
    options = parser.parse_args()
    families = TRUE_SIZE_FAMILIES if options.true_size else FAMILIES
    if options.only and options.only not in families:
        parser.error(f"{options.only} is written with --true-size only")
    if options.only:
        families = {options.only: families[options.only]}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.true_size or Path(temporary) / "checkpoint"
        folder.mkdir(parents=True, exist_ok=True)
        for write in families.values():
            write(folder, *((B16, torch.float32) if options.true_size else (SMALL, torch.float64)))
        if not options.true_size:
            pack(folder, FOLDER)


if __name__ == "__main__":
    main()

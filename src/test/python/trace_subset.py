"""Writes the traces of published code that the repository carries: some files of a folder of traces, without the arrays that say little more.

Usage: python3 trace_subset.py FOLDER_OF_TRACES ../resources/dev/itprompt/trace

Reads and writes safetensors by itself; needs no packages. Where a trace comes from stands in its metadata, which is kept.
"""
import json
import os
import re
import struct
import sys

FILES = ["world-backbone", "world-data", "hide-mlp-4-4", "hide-tii-kmeans", "hide-prompt-cov-permuted", "vq", "coda-ortho", "l2p-codarepo",
         "l2p-hiderepo", "l2p-jhrepo", "dual-codarepo", "dual-jhrepo-asis", "sprompt-hiderepo-permuted"]
# Parameters between the first and the last update, the second task's gradients, what is at the end as it was after the last update.
LEFT_OUT = re.compile(r"t./step(1|5|10)/param/|t1/step1/(grad|alpha|dist|key_prefix|value_prefix)/|t1/replay/step./(param|grad)/|final/(prompt|last|g_)|"
                      r"test/block_outputs|test/embeddings")
# Of single files: what another file has of the same kind.
LEFT_OUT_OF = {"vq": re.compile(r"t0/step20/param|t1/replay/(eps|perm|x|y|lr|loss|after)|t1/eval_after_replay"),
               "coda-ortho": re.compile(r"t0/step20/param"), "l2p-codarepo": re.compile(r"t0/step20/param"),
               "dual-codarepo": re.compile(r"t0/step20/param"), "hide-prompt-cov-permuted": re.compile(r"t1/replay/(eps|perm)")}
NOTHING = re.compile(r"(?!)")


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + length]), data[8 + length:]


def write(path, metadata, tensors):
    header, at = {}, 0
    if metadata:
        header["__metadata__"] = metadata
    for name, (entry, data) in tensors.items():
        header[name] = {"dtype": entry["dtype"], "shape": entry["shape"], "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data for _, data in tensors.values()))


def main(source, target):
    with open(os.path.join(source, "index.json")) as file:
        index = json.load(file)
    os.makedirs(target, exist_ok=True)
    kept = {}
    for name in FILES:
        header, data = read(os.path.join(source, name + ".safetensors"))
        metadata = header.pop("__metadata__", None)
        tensors = {key: (entry, data[entry["data_offsets"][0]:entry["data_offsets"][1]]) for key, entry in sorted(header.items())
                   if not LEFT_OUT.search(key) and not LEFT_OUT_OF.get(name, NOTHING).search(key)}
        write(os.path.join(target, name + ".safetensors"), metadata, tensors)
        if name in index:
            arrays = {key: {"f32MaxDev": value.get("f32MaxDev", 0)} for key, value in index[name]["arrays"].items() if key in tensors}
            kept[name] = {"provenance": index[name].get("provenance"), "arrays": arrays}
    with open(os.path.join(target, "index.json"), "w") as file:
        json.dump(kept, file, separators=(",", ":"), sort_keys=True)
        file.write("\n")
    with open(os.path.join(source, "schedules.json")) as file:
        schedules = json.load(file)
    with open(os.path.join(target, "schedules.json"), "w") as file:
        json.dump(schedules, file, separators=(",", ":"))
        file.write("\n")


main(*sys.argv[1:])

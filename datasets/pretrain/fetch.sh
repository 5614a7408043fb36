#!/usr/bin/env bash
# Gathers openly licensed pictures with names for pretraining and renders them to captioned PNG folders.
#
# usage: datasets/pretrain/fetch.sh OUTPUT [HELDOUT]
#   OUTPUT   folder for the training pictures: SET/NNNNN.png (48x48, RGBA, transparent background), metadata.jsonl
#            ({"file_name", "text", "source"} a line) and merges.txt.gz (the tokenizer's merges)
#   HELDOUT  folder for the held-out emoji style (32x32, RGB, on white); the result is committed as datasets/heldout-emoji
#
# Needs Debian (apt-get download, dpkg), Node.js 20.15 or later with npm, and Python 3 with Pillow (python3-pil).
# Packages are named in icon-sets.txt, font-packages.txt and package.json, with their versions where the source keeps old ones.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
output=${1:?usage: fetch.sh OUTPUT [HELDOUT]}
mkdir -p "$output"
output=$(cd "$output" && pwd)
heldout=${2:-}
[ -z "$heldout" ] || { mkdir -p "$heldout" && heldout=$(cd "$heldout" && pwd); }
python=${PYTHON:-python3}
for tool in node npm apt-get dpkg "$python"; do
  command -v "$tool" > /dev/null || { echo "fetch.sh: $tool is missing; see the head of this file" >&2; exit 2; }
done
"$python" -c 'import PIL' 2> /dev/null || {
  echo "fetch.sh: $python has no Pillow; install python3-pil and set PYTHON to a Python that has it" >&2
  exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here/package.json" "$work/"
(cd "$work" && npm install --ignore-scripts --no-audit --no-fund @iconify-json/fluent-emoji-flat@1.2.6 \
  $(grep -v '^#' "$here/icon-sets.txt" | awk '{print "@iconify-json/" $1 "@" $2}'))
mkdir "$work/debian" "$work/files"
(cd "$work/debian" && apt-get download openclipart-svg $(grep -v '^#' "$here/font-packages.txt"))
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/files"; done

node "$here/render.mjs" "$work" "$output" iconify
node "$here/render.mjs" "$work" "$output" clipart "$work/files/usr/share/openclipart/svg"
"$python" "$here/glyphs.py" "$work/files/usr/share/fonts" "$output"
[ -z "$heldout" ] || node "$here/render.mjs" "$work" "$heldout" heldout
cat "$output"/parts/*.jsonl > "$output/metadata.jsonl"
"$python" "$here/merges.py" "$output/metadata.jsonl" 1200 "$output/merges.txt.gz"
echo "$(wc -l < "$output/metadata.jsonl") pictures in $output"

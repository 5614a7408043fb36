#!/usr/bin/env bash
# Gathers fonts, icon themes, patterns and emoji and draws five small sets of pictures from them.
#
# usage: datasets/everyday/fetch.sh [OUTPUT]
#   OUTPUT   folder for the sets, NAME/{train,test}/CLASS/*.png (64x64, RGB); default: drawn, beside this file
#
# Needs Debian bookworm (apt-get download, dpkg), Node.js 20.15 or later with npm, and Python 3 with Pillow (python3-pil) and NumPy
# (python3-numpy). The same sources give the same bytes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
output=${1:-$here/drawn}
mkdir -p "$output"
output=$(cd "$output" && pwd)
python=${PYTHON:-python3}
for tool in node npm apt-get dpkg "$python"; do
  command -v "$tool" > /dev/null || { echo "fetch.sh: $tool is missing; see the head of this file" >&2; exit 2; }
done
"$python" -c 'import PIL, numpy' 2> /dev/null || {
  echo "fetch.sh: $python has no Pillow or no NumPy; install python3-pil and python3-numpy and set PYTHON to a Python that has them" >&2
  exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sets="emojione emojione-v1 fxemoji noto noto-v1 openmoji twemoji emojione-monotone fluent-emoji-flat"
version() { grep -v '^#' "$here/../pretrain/icon-sets.txt" | awk -v set="$1" '$1 == set {print $2}'; }

mkdir "$work/debian" "$work/files"
(cd "$work/debian" && apt-get download $(grep -v '^#' "$here/debian-packages.txt"))
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/files"; done

cp "$here/../pretrain/package.json" "$work/"
packages="@iconify-json/fluent-emoji-flat@1.2.6"
for set in ${sets% fluent-emoji-flat}; do packages="$packages @iconify-json/$set@$(version "$set")"; done
(cd "$work" && npm install --ignore-scripts --no-audit --no-fund $packages)
node "$here/../pretrain/render.mjs" "$work" "$work/emoji" iconify "$(echo ${sets% fluent-emoji-flat} | tr ' ' ,)"

"$python" "$here/make.py" "$work" "$output"

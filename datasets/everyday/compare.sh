#!/usr/bin/env bash
# Compares methods with default settings on sets of different kinds, over three seeds.
#
# usage: datasets/everyday/compare.sh [SETS [FASHION [SEEDS]]]
#   SETS     folder that fetch.sh filled; default: drawn, beside this file
#   FASHION  folder with the four files of Fashion-MNIST, or none; default: /usr/share/datasets/fashion-mnist where it is there
#   SEEDS    default: 0,1,2
#
# Every set has a configuration of a few lines: its name, its kind and where it lies. What is finished is not done again: runs are
# kept in output/everyday.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
sets=${1:-$here/drawn}
fashion=${2:-/usr/share/datasets/fashion-mnist}
seeds=${3:-0,1,2}
methods=it-prompt,it-prompt-no-prompts,lda,ncm,joint
output=$root/output/everyday
mkdir -p "$output"
[ -d "$sets" ] || { echo "compare.sh: $sets is missing; fetch.sh makes it" >&2; exit 2; }

run() {
  "$root/itprompt" train --config "$output/$1.yaml" --output "$output/$1" --seeds "$seeds" --set "methods=$methods" \
    --set heldOut.path= --progress off > "$output/$1.log" || { echo "compare.sh: $1 failed, see $output/$1.log" >&2; exit 1; }
  sed -n '/over seeds/,$p' "$output/$1.log" | awk -v set="$1" '
    $1 ~ /^(it-prompt|it-prompt-no-prompts|lda|ncm|joint)$/ { printf "%-14s %-22s %6s %s %s\n", set, $1, $2, $3, $4 }'
}

echo "set            method                    FAA, mean and deviation"
for set in shapes glyphs emoji textures icons; do
  printf 'name: %s\ndataset:\n  kind: image-folder\n  path: %s\n  testPath: %s\n' "$set" "$(realpath "$sets")/$set/train" \
    "$(realpath "$sets")/$set/test" > "$output/$set.yaml"
  run "$set"
done
printf 'name: fashion-part\ndataset:\n  path: datasets/fashion-mnist-subset\nimage:\n  fit: pad\n' > "$output/fashion-part.yaml"
run fashion-part
if [ "$fashion" != none ] && [ -d "$fashion" ]; then
  printf 'name: fashion\ndataset:\n  path: %s\nimage:\n  fit: pad\n' "$(realpath "$fashion")" > "$output/fashion.yaml"
  run fashion
fi

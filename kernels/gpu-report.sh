#!/bin/sh
# Everything that is to be known about TornadoVM devices, in one folder with a table in report.md: the devices, every op against
# the reference, the training step side by side with PyTorch's on the same card, and the demo, in this order. Every
# step leaves its log there, also when time runs out before the table is written.
#
#   kernels/gpu-report.sh [option value]...
#     --devices "NAME..."   devices to report on; default: every TornadoVM device that computes rightly, CUDA devices also
#                           with cuBLAS in fp32 and TF32, and with tensor cores in bfloat16; their steps are measured
#                           launch by launch and recorded as CUDA graphs
#     --model NAME          default: vit-b16
#     --batch N             default: 128
#     --rounds N            turns of each device and of PyTorch; default: 3
#     --bench "OPTION..."   further options of bench, such as --recompute where a batch does not fit
#     --demo "OPTION..."    further options of the demo, for example to shorten it
#     --python COMMAND      a Python with PyTorch 2; default: python3
#     --torch DEVICE        cuda, cpu or none; default: cuda where PyTorch has it, else none
#     --output DIR          default: output/gpu-report
#
# Exit code: 0 if all steps went well, 1 if some failed (the table says which), 2 if there is nothing to report on.
set -u

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd) || exit
devices= model=vit-b16 batch=128 rounds=3 bench= demo= python=python3 torch= output=output/gpu-report
while [ $# -gt 0 ]; do
    case $1 in
        --devices | --model | --batch | --rounds | --bench | --demo | --python | --torch | --output)
            [ $# -gt 1 ] || { echo "gpu-report: $1 needs a value" >&2; exit 2; }
            eval "${1#--}=\$2"
            shift 2
            ;;
        *) echo "gpu-report: unknown option $1; see the head of $0" >&2; exit 2 ;;
    esac
done
mkdir -p "$output" || exit
report=$output/report.md

itprompt() {
    "$root/itprompt" "$@"
}

failed=0
attempt() { # name of the log, command... -> $outcome, and $log where it is
    log=$output/$1
    shift
    printf '%s\n' "$*" >&2
    if "$@" >"$log" 2>&1; then
        outcome=ok
    else
        outcome="FAILED: $(grep . "$log" | tail -n 1)"
        failed=1
    fi
}

file_name() { # device -> name for a file
    echo "$1" | tr ':@' '--'
}

bench_row() { # log of bench, device, what else is to be said -> row
    case $2 in
        *@bf16) precision="bf16, own kernels" ;;
        *@*) precision="${2#*@}, cuBLAS" ;;
        *) precision="fp32, own kernels" ;;
    esac
    sed -n "s/^train: \([0-9.]*\) images.* \([0-9.]*\) s,.*/\1 \2/p" "$1" | while read -r images seconds; do
        echo "| IT-Prompt, ${2%@*}${3:-} | $precision | $images | $(awk "BEGIN { printf \"%.1f\", 1000 * $seconds }") |"
    done
}

attempt devices.txt itprompt devices
if [ -z "$devices" ]; then
    devices=$(awk '/^tornado:/ && !/does not work/ { print $1; if ($1 ~ /^tornado:cuda/) print $1 "@fp32\n" $1 "@tf32\n" $1 "@bf16" }' \
        "$output/devices.txt")
    [ -n "$devices" ] || { echo "gpu-report: no TornadoVM device computes rightly; see $output/devices.txt" >&2; exit 2; }
fi
if [ -z "$torch" ]; then
    torch=none
    "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null && torch=cuda
fi

{
    echo "# TornadoVM devices"
    printf '\n    '
    nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null || echo "no NVIDIA driver"
    sed 's/^/    /' "$output/devices.txt"
    printf '\n| device | step | result |\n|---|---|---|\n'
} >"$report"
for device in $devices; do
    attempt "verify-$(file_name "$device").txt" itprompt kernels verify --device "$device" --progress off
    echo "| $device | kernels verify | $outcome |" >>"$report"
done

: >"$output/rows.txt"
for round in $(seq "$rounds"); do
    for device in $devices; do
        # shellcheck disable=SC2086 # words of --bench
        attempt "bench-$(file_name "$device")-$round.txt" itprompt bench --device "$device" --model "$model" --batch "$batch" $bench
        echo "| $device | bench $round | $outcome |" >>"$report"
        bench_row "$log" "$device" >>"$output/rows.txt"
        case $device in
            tornado:cuda*)
                # shellcheck disable=SC2086 # words of --bench
                attempt "recorded-$(file_name "$device")-$round.txt" env ITPROMPT_JAVA_OPTS="${ITPROMPT_JAVA_OPTS:-} -Ditprompt.graphs=true" \
                    "$root/itprompt" bench --device "$device" --model "$model" --batch "$batch" $bench
                echo "| $device | bench $round, steps recorded | $outcome |" >>"$report"
                bench_row "$log" "$device" ", steps recorded" >>"$output/rows.txt"
                ;;
        esac
    done
    if [ "$torch" != none ]; then
        attempt "pytorch-$round.txt" "$python" "$root/kernels/pytorch_step.py" --model "$model" --batch "$batch" --device "$torch"
        echo "| $torch | PyTorch $round | $outcome |" >>"$report"
        grep '^|' "$log" >>"$output/rows.txt"
    fi
done
{
    printf '\nTraining step, %s, batch %s, %s rounds in turn:\n\n' "$model" "$batch" "$rounds"
    printf '| what | precision | images/s | ms |\n|---|---|---|---|\n'
    sort "$output/rows.txt"
    [ "$torch" != none ] || printf '\nPyTorch was left out: %s has none that can use a GPU.\n' "$python"
    printf '\n| device | step | result |\n|---|---|---|\n'
} >>"$report"
for device in $devices; do
    name=$(file_name "$device")
    # shellcheck disable=SC2086 # words of --demo
    attempt "demo-$name.txt" itprompt demo --device "$device" --output "$output/demo-$name" --force --progress off $demo
    echo "| $device | demo | $outcome |" >>"$report"
done
cat "$report"
exit "$failed"

#!/usr/bin/env bash
# The whole way of a question, in minutes on two cores and without any data: an experiment with its verdict and report, then one of its
# models used: inspected, exported, and run without Sublayer. The task is addition, digit by digit: "3 8 + 5" is "4 3".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SUBLAYER=${SUBLAYER_BINARY:-build/sublayer}
EXPERIMENT=experiments/non_linearity/experiment.yaml
RUN=runs/non_linearity/relu/seed_1
SUMS=("3 8 + 5" "7 + 2 1 0" "9 9 9 + 1")

heading() { printf '\n== %s\n' "$*"; }
show() { printf '   $ %s\n' "$*"; "$@"; }

heading "1. Ask a question: two arms, three seeds each (what is finished is left as it is, what was interrupted goes on)"
sed -n 's/^question: /   /p' $EXPERIMENT
show $SUBLAYER sweep $EXPERIMENT

heading "2. Use one of the models: three sums"
printf '   %s\n' "${SUMS[@]}"
printf '%s\n' "${SUMS[@]}" | show $SUBLAYER translate $RUN

heading "3. Look into it (the first lines; the pictures are in the page)"
show $SUBLAYER inspect $RUN --source "${SUMS[0]}" > $RUN/inspection.txt
head -n 22 $RUN/inspection.txt

heading "4. Export it as TorchScript, and load that in Python, without Sublayer"
show $SUBLAYER export $RUN --format torchscript --output $RUN/model.pt
printf '%s\n' "${SUMS[@]}" | show .venv/bin/python docs/consumers/translate.py $RUN/model.pt

heading "Done. Open runs/non_linearity/report.html and $RUN/inspection.html; what comes next stands in README.md"

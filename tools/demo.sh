#!/usr/bin/env bash
# The whole way of a model, in minutes on two cores: train, evaluate, translate, export, and use the export without Sublayer.
# The task is SCAN: commands such as "jump twice" become sequences of actions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SUBLAYER=${SUBLAYER_BINARY:-build/sublayer}
CONFIG=configs/scan_simple.yaml
RUN=runs/demo
COMMANDS=("jump twice" "walk left and run" "look around right after turn left twice")

heading() { printf '\n== %s\n' "$*"; }
show() { printf '   $ %s\n' "$*"; "$@"; }

heading "1. Train $CONFIG (a finished run is left as it is, an interrupted one goes on where it stopped)"
if [ -e $RUN ]; then
  show $SUBLAYER train $CONFIG --name demo --resume
else
  show $SUBLAYER train $CONFIG --name demo
fi

heading "2. Evaluate it on the test set"
show $SUBLAYER evaluate $RUN

heading "3. Translate three commands"
printf '   %s\n' "${COMMANDS[@]}"
printf '%s\n' "${COMMANDS[@]}" | show $SUBLAYER translate $RUN

heading "4. Export it as TorchScript"
show $SUBLAYER export $RUN --format torchscript --output $RUN/model.pt

heading "5. Load the export in Python, without Sublayer, and translate the same commands"
printf '%s\n' "${COMMANDS[@]}" | show .venv/bin/python docs/consumers/translate.py $RUN/model.pt

heading "Done. The run is in $RUN; what comes next stands in README.md"

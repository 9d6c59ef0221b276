#!/usr/bin/env bash
# Brings a machine to the point where Sublayer can be built and tested: Debian packages and a Python environment in .venv.
# The Makefile calls it before each build; when everything is in place it looks, installs nothing and says nothing.
#
#   tools/setup.sh                  install what is missing to build
#   tools/setup.sh --tests          and what some tests look at, a browser and the source package of sacreBLEU; without, they are skipped
#   SUBLAYER_SKIP_PACKAGES=1        do not look at system packages (another distribution, libraries installed by hand)
#   SUBLAYER_TORCH=cpu|cuda         LibTorch build to fetch; default: cuda where an NVIDIA driver and toolkit are found, else cpu
#   PYTHON=/path/to/python3.11      interpreter to make .venv from
# Exit status: 0 ready, 2 something has to be installed by hand (a list is printed), 1 an installation failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TORCH_CPU_INDEX="https://download.pytorch.org/whl/cpu"
REQUIREMENTS=tools/requirements.txt
VENV=.venv
STAMP=$VENV/.sublayer-setup

# Debian package and, after the colon, the command that does as well, however it was installed.
PACKAGES=(
  cmake:cmake ninja-build:ninja ccache:ccache
  catch2: libboost-dev: libboost-math-dev: libcli11-dev: libgoogle-perftools-dev: libicu-dev: libsentencepiece-dev: libxxhash-dev: libyaml-cpp-dev:
  nlohmann-json3-dev: zlib1g-dev:
)

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.11 python3 /usr/bin/python3.11; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  say "Python 3.11 or newer is needed (LibTorch comes in a Python wheel) and was not found."
  say "Install it (Debian 12: apt-get install python3) or name it: PYTHON=/path/to/python3.11 make build"
  return 2
}

list_missing_packages() {
  local entry package command
  for entry in "${PACKAGES[@]}"; do
    package=${entry%%:*}
    command=${entry#*:}
    if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then echo "$package"; fi
  done
  # Debian leaves the part of Python that makes environments to a package of its own.
  if ! "$1" -c 'import venv, ensurepip' 2>/dev/null && ! usable_venv; then echo python3-venv; fi
}

install_packages() {
  local become_root=()
  say "missing Debian packages: $*"
  if [ "$(id -u)" != 0 ]; then become_root=(sudo -n); fi
  if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; }; then
    say "cannot install them from here (needs apt-get, and root or passwordless sudo). Please install:"
    printf '    %s\n' "$@" >&2
    say "on Debian and its relatives:  sudo apt-get install $*"
    say "elsewhere install the same libraries by the system's own means and set SUBLAYER_SKIP_PACKAGES=1"
    return 2
  fi
  "${become_root[@]}" apt-get update -qq
  "${become_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

usable_venv() { [ -x $VENV/bin/python ] && $VENV/bin/python -m pip --version >/dev/null 2>&1; }

# True when each pinned distribution is installed in its version and LibTorch's files are there. Imports nothing heavy: it runs each time.
venv_is_complete() {
  [ -x $VENV/bin/python ] && $VENV/bin/python - "$REQUIREMENTS" <<'PYTHON'
import pathlib, sys
from importlib import metadata
for line in open(sys.argv[1]):
    name, _, wanted = line.strip().partition("==")
    if not name or name.startswith("#"):
        continue
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        sys.exit(1)
    same = found.startswith("2.13.") if name == "torch" else found == wanted
    if not same:
        sys.exit(1)
libtorch = pathlib.Path(metadata.distribution("torch").locate_file("torch"))
sys.exit(not ((libtorch / "lib/libtorch_cpu.so").exists() and (libtorch / "share/cmake/Torch/TorchConfig.cmake").exists()))
PYTHON
}

torch_is_importable() { $VENV/bin/python -c 'import torch; assert torch.__version__.startswith("2.13.")' 2>/dev/null; }

wants_cuda() {
  case "${SUBLAYER_TORCH:-}" in
    cuda) return 0 ;;
    cpu) return 1 ;;
    "") command -v nvcc >/dev/null && command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1 ;;
    *) say "SUBLAYER_TORCH is '$SUBLAYER_TORCH'; allowed: cpu, cuda"; exit 2 ;;
  esac
}

# The general index serves a CUDA build of several GB on x86, so the CPU index comes first. Where it cannot be reached, a look of a few
# seconds must tell: pip itself would retry for minutes.
install_torch() {
  local torch
  torch=$(grep '^torch==' "$REQUIREMENTS")
  if ! wants_cuda; then
    if $VENV/bin/python -c 'import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5)' "$TORCH_CPU_INDEX/torch/" 2>/dev/null; then
      say "installing $torch, CPU build"
      if pip_install --extra-index-url "$TORCH_CPU_INDEX" "$torch"; then return; fi
    fi
    say "no CPU build to be had from $TORCH_CPU_INDEX; taking what the configured package index serves"
  fi
  say "installing $torch (some minutes, several GB if it is a CUDA build)"
  pip_install "$torch"
}

pip_install() { $VENV/bin/python -m pip install --no-input --disable-pip-version-check --quiet "$@" >&2; }

set_up_venv() {
  local python=$1
  if ! usable_venv; then
    say "making the Python environment $VENV with $python"
    "$python" -m venv --clear $VENV
  fi
  if ! torch_is_importable; then install_torch; fi
  say "installing the Python packages that tests compare with"
  pip_install -r <(grep -v '^torch==' "$REQUIREMENTS")
  if ! torch_is_importable; then say "torch was installed but cannot be imported:"; $VENV/bin/python -c 'import torch'; fi
  venv_is_complete || { say "$VENV lacks packages of $REQUIREMENTS after the installation"; return 1; }
}

has_browser() {
  local name
  for name in ${SUBLAYER_CHROMIUM:+"$SUBLAYER_CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null; then return 0; fi
  done
  return 1
}

python=$(find_python)
if [ -z "${SUBLAYER_SKIP_PACKAGES:-}" ]; then
  missing=$(list_missing_packages "$python")
  if [ -n "$missing" ]; then install_packages $missing; fi
  if [ "${1:-}" = --tests ] && ! has_browser; then
    install_packages chromium || say "going on without a browser: the test that looks at reports will be skipped"
  fi
fi
# The stamp says that an installation once ran to its end; that its outcome is still there is looked up each time.
wanted=$(sha256sum <"$REQUIREMENTS")
if [ "$(cat $STAMP 2>/dev/null)" != "$wanted" ] || ! venv_is_complete; then
  set_up_venv "$python"
  echo "$wanted" >$STAMP
  say "ready"
fi
# The outputs that sacreBLEU publishes p-values for are in its source package alone.
sacrebleu=$(grep '^sacrebleu==' "$REQUIREMENTS")
if [ "${1:-}" = --tests ] && [ ! -d ".cache/${sacrebleu/==/-}" ]; then
  mkdir -p .cache
  if $VENV/bin/python -m pip download --no-input --disable-pip-version-check --quiet --no-deps --no-binary :all: -d .cache "$sacrebleu" 2>/dev/null; then
    tar -xzf ".cache/${sacrebleu/==/-}.tar.gz" -C .cache
  else
    say "going on without the source package of sacreBLEU: its published p-values will not be compared"
  fi
fi

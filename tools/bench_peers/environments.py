"""Python environments of the systems that are measured, one each, with exact versions."""

import pathlib
import shutil
import subprocess
import sys

TORCH = "torch==2.13.0"  # the version that Sublayer is built with

# Name -> calls of `pip install`, in order.
ENVIRONMENTS = {
    "pytorch": [[TORCH, "numpy==2.4.6", "sentencepiece==0.2.3", "pyyaml==6.0.3"]],
    "joeynmt": [[TORCH], ["joeynmt==2.3.0", "importlib_metadata==10.2.0"]],  # the latter is missing in its list
    # Its pins are older than Python 3.11: it is installed without them, and train_fairseq.py makes up for what has changed since.
    "fairseq": [
        ["numpy==1.26.4", "setuptools<70", "wheel", "cython<3"],  # what it is built with; torch asks for a newer setuptools
        ["--no-deps", "--no-build-isolation", "fairseq==0.12.2"],
        ["--no-deps", "hydra-core==1.0.7", "omegaconf==2.0.6", "antlr4-python3-runtime==4.8"],
        ["bitarray", "cffi", "packaging", "pyyaml", "regex", "sacrebleu", "scikit-learn", "tqdm", "numpy==1.26.4"],
        [TORCH, "numpy==1.26.4"],
    ],
    "ctranslate2": [["ctranslate2==4.8.5", "numpy==2.4.6", "safetensors==0.8.0", "sentencepiece==0.2.3", "pyyaml==6.0.3"]],
}


def python_of(work, name):
    return pathlib.Path(work) / "venvs" / name / "bin" / "python"


def install(work, name):
    """Makes an environment where it is missing. Returns why it could not be made, or an empty string."""
    folder = python_of(work, name).parents[1]
    stamp, wanted = folder / "installed", repr(ENVIRONMENTS[name])
    if stamp.exists() and stamp.read_text() == wanted:
        return ""
    print(f"installing {name} into {folder}", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    log = folder.parent / f"{name}.log"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as output:
        # pip before 23.3 or so: later ones refuse the metadata of omegaconf 2.0.6.
        steps = [[sys.executable, "-m", "venv", folder], [folder / "bin/pip", "install", "pip==23.2.1"]]
        steps += [[folder / "bin/pip", "install", *packages] for packages in ENVIRONMENTS[name]]
        for step in steps:
            if subprocess.run(step, stdout=output, stderr=subprocess.STDOUT, check=False).returncode != 0:
                return f"{' '.join(map(str, step[1:]))} failed, see {log}"
    stamp.write_text(wanted)
    return ""

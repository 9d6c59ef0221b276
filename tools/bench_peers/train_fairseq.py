"""fairseq's own training of the model, with a meter on its updates. Arguments: the folder of prepared data, then --updates and so on."""

import argparse
import dataclasses
import hashlib
import os
import pathlib
import shutil
import sys
import warnings

import torch

from meter import Done, Meter


def accept_old_code():
    """fairseq 0.12 and hydra 1.0 were written for older versions of Python and numpy."""
    plain_dataclass = dataclasses.dataclass

    def dataclass(cls=None, /, **options):
        # Python 3.11 refuses a default value without a hash, as an instance of another dataclass has none.
        def apply(cls):
            is_plain = options.get("eq", True) and not options.get("frozen") and "__hash__" not in vars(cls)
            return plain_dataclass(cls, **{**({"unsafe_hash": True} if is_plain else {}), **options})

        return apply if cls is None else apply(cls)

    dataclasses.dataclass = dataclass
    import numpy

    warnings.simplefilter("ignore", FutureWarning)
    for name, kind in {"float": float, "int": int, "bool": bool, "object": object}.items():
        if not hasattr(numpy, name):
            setattr(numpy, name, kind)


def preprocess(data):
    """Binary files in `data`/fairseq, with a dictionary of the pieces; made once for the same text."""
    folder = data / "fairseq"
    names = ["pieces.txt", *(f"{split}.{side}" for split in ("train", "valid") for side in ("source", "target"))]
    text = hashlib.sha256(b"".join((data / name).read_bytes() for name in names)).hexdigest()
    done = folder / "done"
    if done.exists() and done.read_text() == text:
        return folder
    from fairseq_cli import preprocess as command

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    pieces = (data / "pieces.txt").read_text(encoding="utf-8").split("\n")[4:-1]  # it has special symbols of its own
    (data / "dictionary.txt").write_text("".join(f"{piece} 1\n" for piece in pieces), encoding="utf-8")
    sys.argv = ["fairseq-preprocess", "--source-lang", "source", "--target-lang", "target", "--trainpref", str(data / "train"),
                "--validpref", str(data / "valid"), "--destdir", str(folder), "--joined-dictionary", "--srcdict",
                str(data / "dictionary.txt"), "--workers", "1"]
    command.cli_main()
    done.write_text(text)
    return folder


def train(folder, tokens, meter):
    from fairseq import trainer
    from fairseq_cli import train as command

    step = trainer.Trainer.train_step

    def measured_step(self, samples, *arguments, **options):
        meter.update(sum(sample["ntokens"] + int(sample["net_input"]["src_lengths"].sum()) for sample in samples))
        return step(self, samples, *arguments, **options)

    trainer.Trainer.train_step = measured_step
    model = [part for side in ("encoder", "decoder") for part in (
        f"--{side}-layers", "3", f"--{side}-embed-dim", "256", f"--{side}-ffn-embed-dim", "1024", f"--{side}-attention-heads", "4")]
    sys.argv = ["fairseq-train", str(folder), "--cpu", "--seed", "1", "--arch", "transformer", *model, "--share-all-embeddings",
                "--dropout", "0.1", "--optimizer", "adam", "--adam-betas", "(0.9, 0.98)", "--adam-eps", "1e-9", "--lr", "0.0007",
                "--lr-scheduler", "inverse_sqrt", "--warmup-updates", "1000", "--criterion", "label_smoothed_cross_entropy",
                "--label-smoothing", "0.1", "--max-tokens", str(tokens), "--num-workers", "0", "--no-save", "--disable-validation",
                "--no-progress-bar", "--log-interval", "1000"]
    try:
        command.cli_main()
    except Done:
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--tokens", type=int, default=4096, help="padded tokens of an update on the longer side")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", type=int, default=8)
    parser.add_argument("--updates", type=int, default=20)
    given = parser.parse_args()
    accept_old_code()
    torch.set_num_threads(given.threads)
    folder = preprocess(given.data)
    train(folder, given.tokens, Meter(given.warm_up, given.updates))
    # Threads of the data loader may still run, and a process that winds up beneath them ends with SIGABRT now and then.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

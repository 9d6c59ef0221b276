"""The reference implementation of safetensors reads the shards of `sublayer prepare`: researchers look at ids in Python."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import safetensors.torch
    import torch
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

BINARY = os.environ.get("SUBLAYER_BINARY")
TEXT = [("a b c", "c b a"), ("b", "b"), ("d d a b", "b a d d")] * 5
CONFIG = """\
task: {type: parallel_text, train: {source: [text.source], target: [text.target]}}
tokenizer: {type: whitespace, joint: true}
training: {max_updates: 1}
"""


def sentences(tensors, side):
    ids, ends = (tensors[f"{side}.{name}"].to(torch.int64).tolist() for name in ("ids", "ends"))
    return [ids[begin:end] for begin, end in zip([0, *ends], ends)]


def main():
    if not BINARY:
        print("skipped: SUBLAYER_BINARY is not set")
        return 77
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        for side in (0, 1):
            (folder / ("text.target" if side else "text.source")).write_text("".join(pair[side] + "\n" for pair in TEXT))
        (folder / "config.yaml").write_text(CONFIG)
        subprocess.run([BINARY, "prepare", folder / "config.yaml", "--output", folder / "prepared", "--shard-pairs", "4"], check=True)
        manifest = json.loads((folder / "prepared" / "manifest.json").read_text())
        pairs = []
        for shard in manifest["shards"]:
            tensors = safetensors.torch.load_file(folder / "prepared" / shard["file"])
            assert tensors["source.ids"].dtype == torch.uint16, "few words take two bytes"
            pairs += zip(sentences(tensors, "source"), sentences(tensors, "target"))
        assert len(pairs) == manifest["pairs"] == len(TEXT), (len(pairs), manifest["pairs"])
        words = {}
        for text, ids in zip(TEXT, pairs):
            for side in (0, 1):
                assert len(text[side].split()) == len(ids[side]), (text, ids)
                for word, number in zip(text[side].split(), ids[side]):
                    assert words.setdefault(word, number) == number and number >= 4, (word, number, words)
    print("shards of prepared pairs are read by safetensors", safetensors.__version__)
    return 0


sys.exit(main())

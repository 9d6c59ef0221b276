"""Writes the corpora of a run as its tokenizer cuts them, for the other systems: pieces and ids, a sentence a line, and the vocabulary."""

import argparse
import gzip
import pathlib

import sentencepiece
import yaml


def lines_of(files):
    for file in files:
        opener = gzip.open if str(file).endswith(".gz") else open
        with opener(file, "rt", encoding="utf-8", newline="\n") as stream:
            yield from (line.rstrip("\r\n") for line in stream)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    given = parser.parse_args()
    task = yaml.safe_load((given.run / "config.yaml").read_text(encoding="utf-8"))["task"]
    if task["type"] != "parallel_text" or not task["train"]["source"]:
        raise SystemExit(f"{given.run}: a task of two files of text is needed, parallel_text with source and target")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(given.run / "tokenizer.model"))
    given.data.mkdir(parents=True, exist_ok=True)
    vocabulary = [pieces.id_to_piece(i) for i in range(len(pieces))]
    (given.data / "pieces.txt").write_text("".join(piece + "\n" for piece in vocabulary), encoding="utf-8")
    for split in ("train", "valid", "test"):
        pairs = [pair for pair in zip(lines_of(task[split]["source"]), lines_of(task[split]["target"])) if all(map(str.strip, pair))]
        for side, texts in zip(("source", "target"), zip(*pairs)):
            ids = pieces.encode(list(texts))
            name = given.data / f"{split}.{side}"
            name.with_suffix(f".{side}.ids").write_text("".join(" ".join(map(str, row)) + "\n" for row in ids), encoding="utf-8")
            name.write_text("".join(" ".join(vocabulary[i] for i in row) + "\n" for row in ids), encoding="utf-8")
            name.with_suffix(f".{side}.txt").write_text("".join(text + "\n" for text in texts), encoding="utf-8")


if __name__ == "__main__":
    main()

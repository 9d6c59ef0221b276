"""Translates commands with an exported model: needs PyTorch and the run's directory, nothing of Sublayer.

usage: torchscript_demo.py RUN COMMAND...      where RUN holds model.pt (`sublayer export --format torchscript`) and the tokenizer files
"""

import pathlib
import sys

import torch

# Every vocabulary begins with these ids.
PAD, UNKNOWN, BEGIN, END, SPECIAL_IDS = 0, 1, 2, 3, 4


def read_vocabulary(path):
    """The tokens of a whitespace tokenizer's file: a first line that says what it is, then one token a line."""
    header, *tokens = path.read_text(encoding="utf-8").splitlines()
    if not header.startswith("sublayer-vocabulary 1 "):
        sys.exit(f"{path}: is no word vocabulary; other tokenizers are read with their own libraries")
    return tokens


def read_vocabularies(run):
    """Source and target vocabulary: two files, or one for both."""
    if (run / "tokenizer.model").exists():
        both = read_vocabulary(run / "tokenizer.model")
        return both, both
    return read_vocabulary(run / "source_tokenizer.model"), read_vocabulary(run / "target_tokenizer.model")


def encode(sentences, tokens):
    """[B, S] ids; each sentence closes with END and is filled up with PAD."""
    ids = {token: number for number, token in enumerate(tokens, SPECIAL_IDS)}
    rows = [torch.tensor([ids.get(word, UNKNOWN) for word in sentence.split()] + [END]) for sentence in sentences]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)


def decode(row, tokens):
    """The words before END."""
    ids = row.tolist()
    if END in ids:
        ids = ids[: ids.index(END)]
    return " ".join(tokens[number - SPECIAL_IDS] for number in ids if number >= SPECIAL_IDS)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    run, commands = pathlib.Path(sys.argv[1]), sys.argv[2:]
    source_tokens, target_tokens = read_vocabularies(run)
    model = torch.jit.load(str(run / "model.pt"))
    translations = model.translate(encode(commands, source_tokens), 64, 5, 1.0)  # source ids, max_length, beam_size, alpha
    for row in translations:
        print(decode(row, target_tokens))


if __name__ == "__main__":
    main()

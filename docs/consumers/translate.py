"""Translates standard input, a sentence a line, with a model that `sublayer export --format torchscript` wrote.

Needs PyTorch, and sentencepiece where that is the model's tokenizer; nothing of Sublayer. The tokenizer comes out of the model's file.

Example: echo "jump twice" | python docs/consumers/translate.py model.pt --beam-size 4
"""

import argparse
import json
import re
import sys

import torch


class SubwordTokenizer:
    """A SentencePiece model."""

    def __init__(self, model):
        import sentencepiece

        self.processor = sentencepiece.SentencePieceProcessor(model_proto=model)

    def encode(self, text):
        return self.processor.encode(text)

    def decode(self, ids):
        return self.processor.decode(ids)


class VocabularyTokenizer:
    """Words or characters, listed one a line behind a header; their ids follow the special ones."""

    UNKNOWN_MARK = "\u2047"

    def __init__(self, model, special_ids):
        header, *tokens = model.decode("utf-8").split("\n")[:-1]
        self.kind = header.split(" ")[2]
        if self.kind not in ("whitespace", "character"):
            sys.exit(f"this program does not know the tokenizer '{self.kind}'")
        self.unknown = special_ids["unknown"]
        self.token_of = dict(enumerate(tokens, len(special_ids)))
        self.token_of[self.unknown] = self.UNKNOWN_MARK
        self.id_of = {token: number for number, token in self.token_of.items()}

    def encode(self, text):
        tokens = re.findall(r"[^ \t\n\v\f\r]+", text) if self.kind == "whitespace" else list(text)
        return [self.id_of.get(token, self.unknown) for token in tokens]

    def decode(self, ids):
        return (" " if self.kind == "whitespace" else "").join(self.token_of[number] for number in ids)


def load(path):
    """The model, what its file says about it, and the tokenizers of source and target."""
    files = {name: b"" for name in ("sublayer.json", "tokenizer.model", "source_tokenizer.model", "target_tokenizer.model")}
    model = torch.jit.load(path, _extra_files=files)
    facts = json.loads(files["sublayer.json"])

    def tokenizer(side):
        content = files["tokenizer.model"] or files[f"{side}_tokenizer.model"]
        if content.startswith(b"sublayer-vocabulary 1 "):
            return VocabularyTokenizer(content, facts["special_ids"])
        return SubwordTokenizer(content)

    return model, facts, tokenizer("source"), tokenizer("target")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--beam-size", type=int, default=5, help="1 is greedy search")
    parser.add_argument("--alpha", type=float, default=1.0, help="hypotheses are ranked by log-probability / length^alpha")
    parser.add_argument("--max-length", type=int, default=200, help="longest target in tokens, the end symbol counted")
    parser.add_argument("--batch-lines", type=int, default=32, help="lines translated together")
    parser.add_argument("--scores", action="store_true", help="print each translation's score and a tab before it")
    given = parser.parse_args()

    model, facts, source_tokenizer, target_tokenizer = load(given.model)
    pad, end = facts["special_ids"]["pad"], facts["special_ids"]["end"]
    lines = sys.stdin.read().splitlines()
    for start in range(0, len(lines), given.batch_lines):
        rows = [torch.tensor(source_tokenizer.encode(line) + [end]) for line in lines[start : start + given.batch_lines]]
        sources = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=pad)  # [B, S]
        targets, scores = model.translate(sources, given.max_length, given.beam_size, given.alpha)  # [B, T], [B]
        for target, score in zip(targets.tolist(), scores.tolist()):
            text = target_tokenizer.decode(target[: target.index(end)])
            print(f"{score:.6f}\t{text}" if given.scores else text)


if __name__ == "__main__":
    main()

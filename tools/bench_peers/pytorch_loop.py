"""A Transformer and its training in plain PyTorch: eager mode, fused attention and Adam, logits of real tokens only."""

import argparse
import math
import pathlib
import random

import torch
from torch import nn
from torch.nn import functional

from meter import Done, Meter

PAD, BEGIN, END = 0, 2, 3


class Attention(nn.Module):
    def __init__(self, width, heads, is_cross):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width if is_cross else 3 * width)
        self.memory = nn.Linear(width, 2 * width) if is_cross else None
        self.output = nn.Linear(width, width)

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x, mask=None, memory=None, is_causal=False):
        if memory is None:
            query, key, value = self.query(x).chunk(3, -1)
        else:
            query, (key, value) = self.query(x), self.memory(memory).chunk(2, -1)
        found = functional.scaled_dot_product_attention(*map(self.split, (query, key, value)), attn_mask=mask, is_causal=is_causal)
        return self.output(found.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    """Post-LN."""

    def __init__(self, width, inner, heads, dropout, is_decoder):
        super().__init__()
        self.self_attention = Attention(width, heads, False)
        self.cross_attention = Attention(width, heads, True) if is_decoder else None
        self.feed_forward = nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if is_decoder else 2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask, memory=None):
        if memory is None:
            x = self.norms[0](x + self.dropout(self.self_attention(x, mask)))
        else:
            x = self.norms[0](x + self.dropout(self.self_attention(x, is_causal=True)))
            x = self.norms[1](x + self.dropout(self.cross_attention(x, mask, memory)))
        return self.norms[-1](x + self.dropout(self.feed_forward(x)))


class Transformer(nn.Module):
    def __init__(self, vocabulary, width=256, inner=1024, heads=4, layers=3, dropout=0.1, longest=512):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.encoder = nn.ModuleList(Layer(width, inner, heads, dropout, False) for _ in range(layers))
        self.decoder = nn.ModuleList(Layer(width, inner, heads, dropout, True) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        angles = torch.arange(longest).unsqueeze(1) / 10000 ** (torch.arange(0, width, 2) / width)
        self.register_buffer("positions", torch.stack((angles.sin(), angles.cos()), -1).flatten(1), persistent=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
        nn.init.normal_(self.embedding.weight, std=width ** -0.5)

    def embed(self, ids):
        return self.dropout(self.embedding(ids) * math.sqrt(self.embedding.embedding_dim) + self.positions[:ids.size(1)])

    def forward(self, source, target):
        mask = (source != PAD)[:, None, None, :]
        memory, x = self.embed(source), self.embed(target)
        for layer in self.encoder:
            memory = layer(memory, mask)
        for layer in self.decoder:
            x = layer(x, mask, memory)
        return x


def read(path):
    return [[int(word) for word in line.split()] for line in path.read_text(encoding="utf-8").splitlines()]


def batches(pairs, tokens):
    """Of near length and at most so many real target tokens, in random order for ever."""
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i][1]), len(pairs[i][0])))
    groups, size = [[]], 0
    for i in order:
        length = len(pairs[i][1]) + 1
        if groups[-1] and size + length > tokens:
            groups.append([])
            size = 0
        groups[-1].append(pairs[i])
        size += length
    while True:
        random.shuffle(groups)
        yield from groups


def padded(rows):
    return nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=PAD)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--tokens", type=int, default=4096, help="target tokens of an update")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    parser.add_argument("--warm-up", type=int, default=8)
    parser.add_argument("--updates", type=int, default=20)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(1)
    random.seed(1)

    pairs = list(zip(read(given.data / "train.source.ids"), read(given.data / "train.target.ids")))
    vocabulary = len((given.data / "pieces.txt").read_text(encoding="utf-8").split("\n")[:-1])
    model = Transformer(vocabulary)
    optimizer = torch.optim.Adam(model.parameters(), lr=7e-4, betas=(0.9, 0.98), eps=1e-9, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / 1000, (1000 / (step + 1)) ** 0.5))
    meter = Meter(given.warm_up, given.updates)
    try:
        for batch in batches(pairs, given.tokens):
            meter.update(sum(len(source) + len(target) + 2 for source, target in batch))
            source = padded([source + [END] for source, _ in batch])
            target, gold = padded([[BEGIN] + target for _, target in batch]), padded([target + [END] for _, target in batch])
            is_real = gold != PAD
            with torch.autocast("cpu", torch.bfloat16, enabled=given.bf16):
                logits = functional.linear(model(source, target)[is_real], model.embedding.weight)
                loss = functional.cross_entropy(logits, gold[is_real], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    except Done:
        pass


if __name__ == "__main__":
    main()

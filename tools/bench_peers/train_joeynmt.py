"""Joey NMT's own training of the model, with a meter on its updates. Arguments: the folder of prepared data, then --updates and so on."""

import argparse
import pathlib
import random
import shutil

import torch

from meter import Done, Meter

SIDE = {"max_length": 512, "lowercase": False, "normalize": False, "level": "word"}
STACK = {"type": "transformer", "num_layers": 3, "num_heads": 4, "hidden_size": 256, "ff_size": 1024, "dropout": 0.1,
         "embeddings": {"embedding_dim": 256, "scale": True, "dropout": 0.1}, "layer_norm": "post"}


def padded_limit(data, tokens):
    """The batch size with which Joey's batches hold so many real target tokens on average: it counts padded ones of the longer side, and
    does not sort sentences by length."""
    sides = [[len(line.split()) + 1 for line in (data / f"train.{side}").read_text(encoding="utf-8").splitlines()]
             for side in ("source", "target")]
    pairs = list(zip(*sides))
    random.Random(1).shuffle(pairs)
    limit = tokens
    for _ in range(4):
        batches, size, longest = 1, 0, 0
        for pair in pairs:
            longest, size = max(longest, *pair), size + 1
            if longest * size >= limit:
                batches, size, longest = batches + 1, 0, 0
        limit = round(limit * tokens / (sum(sides[1]) / batches))
    return limit


def config_of(data, tokens):
    vocabulary = data / "joeynmt.vocabulary"
    pieces = (data / "pieces.txt").read_text(encoding="utf-8").split("\n")[4:-1]
    vocabulary.write_text("".join(piece + "\n" for piece in ["<unk>", "<pad>", "<s>", "</s>", *pieces]), encoding="utf-8")
    folder = data / "joeynmt"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return {
        "name": "bench", "joeynmt_version": "2.3.0", "model_dir": str(folder), "use_cuda": False, "fp16": False, "random_seed": 1,
        "num_workers": 0,
        "data": {"train": str(data / "train"), "dev": str(data / "valid"), "dataset_type": "plain",
                 "src": {"lang": "source", "voc_file": str(vocabulary), **SIDE},
                 "trg": {"lang": "target", "voc_file": str(vocabulary), **SIDE},
                 "special_symbols": {"unk_token": "<unk>", "unk_id": 0, "pad_token": "<pad>", "pad_id": 1, "bos_token": "<s>",
                                     "bos_id": 2, "eos_token": "</s>", "eos_id": 3}},
        "testing": {"beam_size": 1, "batch_size": 4096, "batch_type": "token", "eval_metrics": ["bleu"]},
        "training": {"optimizer": "adam", "adam_betas": [0.9, 0.98], "learning_rate": 0.0007, "scheduling": "warmupinversesquareroot",
                     "learning_rate_warmup": 1000, "learning_rate_min": 1e-9, "loss": "crossentropy", "label_smoothing": 0.1,
                     "normalization": "tokens", "batch_size": tokens, "batch_type": "token", "batch_multiplier": 1, "shuffle": True,
                     "epochs": 1000, "updates": 1000000, "validation_freq": 1000000, "logging_freq": 1000000,
                     "early_stopping_metric": "loss", "overwrite": True},
        "model": {"initializer": "xavier_uniform", "embed_initializer": "xavier_uniform", "tied_embeddings": True, "tied_softmax": True,
                  "encoder": STACK, "decoder": STACK},
    }


def drop_as_the_others(model):
    """Joey drops attention weights and the inner activations of the feed-forward network as well; the others drop embeddings and what sublayers
    give."""
    from joeynmt.transformer_layers import MultiHeadedAttention, PositionwiseFeedForward

    for module in model.modules():
        if isinstance(module, MultiHeadedAttention):
            module.dropout.p = 0.0
        if isinstance(module, PositionwiseFeedForward):
            inner = module.pwff_layer[2]
            assert isinstance(inner, torch.nn.Dropout), inner
            inner.p = 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--tokens", type=int, default=4096, help="real target tokens of an update, on average")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", type=int, default=8)
    parser.add_argument("--updates", type=int, default=20)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)

    from joeynmt import training

    meter = Meter(given.warm_up, given.updates)
    prepare = training.prepare

    def prepared(*arguments, **options):
        model, *data = prepare(*arguments, **options)
        drop_as_the_others(model)
        return model, *data

    training.prepare = prepared
    step = training.TrainManager._train_step

    def measured_step(self, batch):
        meter.update(batch.ntokens + int(batch.src_length.sum()))
        return step(self, batch)

    training.TrainManager._train_step = measured_step
    training.TrainManager._save_checkpoint = lambda *_: None
    try:
        training.train(rank=0, world_size=None, cfg=config_of(given.data, padded_limit(given.data, given.tokens)), skip_test=True)
    except Done:
        pass


if __name__ == "__main__":
    main()

"""Times CTranslate2 on the first sentences of the test split, or prints its greedy translations. One JSON line."""

import argparse
import json
import pathlib
import statistics
import time

import ctranslate2
import sentencepiece

BATCHES = (512, 1024, 2048, 4096)  # padded tokens; the fastest of them counts


def decode(translator, sentences, beam_size, batch_tokens, longest):
    return [result.hypotheses[0] for result in translator.translate_batch(
        sentences, beam_size=beam_size, batch_type="tokens", max_batch_size=batch_tokens, max_decoding_length=longest)]


def timed(translator, sentences, beam_size, batch_tokens, longest):
    start = time.perf_counter()
    if batch_tokens is None:
        found = [decode(translator, [sentence], beam_size, 0, longest)[0] for sentence in sentences]
    else:
        found = decode(translator, sentences, beam_size, batch_tokens, longest)
    seconds = time.perf_counter() - start
    return seconds, sum(len(tokens) + 1 for tokens in found)


def measure(translator, sentences, beam_size, is_batched, given):
    def take(part, size):
        return timed(translator, part, beam_size, size, given.longest)

    sizes = BATCHES if is_batched else (None,)
    take(sentences[:max(1, len(sentences) // 10)], sizes[0])  # warms up
    best = min(sizes, key=lambda size: take(sentences, size)[0]) if is_batched else None
    seconds, tokens = zip(*(take(sentences, best) for _ in range(given.repeats)))
    typical = statistics.median(seconds)
    return {"sentences_per_second": len(sentences) / typical, "tokens_per_second": tokens[0] / typical, "batch_tokens": best}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("tokenizer", type=pathlib.Path, help="SentencePiece model of the target")
    parser.add_argument("--compute-type", default="float32", choices=["float32", "int8"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--single-sentences", type=int, default=100)
    parser.add_argument("--beam-size", type=int, default=5)
    parser.add_argument("--longest", type=int, default=256, help="tokens of a translation")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--translate", action="store_true", help="print greedy translations of the first --sentences instead")
    given = parser.parse_args()
    lines = (given.data / "test.source").read_text(encoding="utf-8").splitlines()
    sentences = [line.split() for line in lines[:given.sentences]]

    def load(workers):
        return ctranslate2.Translator(str(given.model), device="cpu", compute_type=given.compute_type, inter_threads=workers,
                                      intra_threads=1)

    many, single = load(given.workers), load(1)
    if given.translate:
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(given.tokenizer))
        print(json.dumps([pieces.decode(tokens) for tokens in decode(many, sentences, 1, 1024, given.longest)]))
        return
    few = sentences[:given.single_sentences]
    results = {}
    for name, beam_size in (("greedy", 1), ("beam", given.beam_size)):
        results[f"{name}, batched"] = measure(many, sentences, beam_size, True, given)
        results[f"{name}, one by one"] = measure(single, few, beam_size, False, given)
    print(json.dumps(results))


if __name__ == "__main__":
    main()

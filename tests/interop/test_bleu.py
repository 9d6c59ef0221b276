"""`sublayer bleu` against sacreBLEU: generated, hand-written and real text, every tokenizer, one to three references.

Needs SUBLAYER_BINARY. Reads real text from SUBLAYER_CORPORA (default: ../shared/corpora beside the repository) if it is there.
More cases: test_bleu.py NUMBER_OF_CORPORA [SEED]. Exit status: 0 passed, 1 failed, 77 skipped.
"""

import gzip
import json
import logging
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

try:
    from sacrebleu.metrics import BLEU
except ImportError:
    print("skipped: sacrebleu is not installed")
    sys.exit(77)

TOLERANCE = 1e-6
TOKENIZERS = ["13a", "zh", "intl", "char", "none"]
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

WHITE_SPACE = " \u00a0\u3000\u0085\u2028\u2029\u200b\u2009\u202f\u205f\u1680\ufeff\u180e\t\n\r\v\f\x1c\x1d\x1e\x1f\0"
PIECES = [
    "the", "The", "cat", "CAT", "sat", "on", "a", "mat", "state-of-the-art", "-", "--", "\u2013", "\u2014", "e-mail", "1990-2000",
    "3-", "-3", "1,000", "1,000,000.50", "3.14", ".5", "5.", ",5", "v1.2.3", "...", "..", ".", ",", "!", "?!", ";", ":", "'", "''", "don't",
    '"', "``", "(a)", "[b]", "{c}", "<d>", "|", "~", "\\", "/", "a/b", "^", "_", "a_b", "@", "#1", "$5.00", "50%", "&", "&quot;", "&amp;",
    "&lt;", "&gt;", "&amp;lt;", "&amp;quot;", "&apos;", "&#39;", "<skipped>", "<skip<skipped>ped>", "-\n", "a-\nb", "\u201cq\u201d",
    "\u2018q\u2019", "\u2026", "\u20ac10", "\u00bd", "x\u00b2", "\u0663\u066b\u0661\u0664", "\u2167.", "\uff11\uff0c\uff12",
    "\u6211", "\u7684", "\u8239", "\u662f", "\u5c0f\u7684\u3002", "\u4f60\u597d\uff0cworld\uff01", "\u9fbb\u9fbc", "\u4db5\u4db6",
    "\U00020000\U0002a6d6", "\u3042\u30a2\u30fc", "\uff71\uff9e", "\ud55c\uad6d\uc5b4", "\u1100\u1161", "\u03a3\u039f\u03a6\u039f\u03a3",
    "\u039f\u03a3.", "\u03a3", "A\u03a3\u0301", "A\u03a3'B", "A\u02b0\u03a3", "\u0130stanbul", "I\u0307", "STRASSE", "\u1e9e", "\u00c4PFEL",
    "A\u0308pfel", "\u01c5", "\u1f88", "\ufb01n", "\u10a0", "\u13a0\uab70", "\U00010400", "\u0414\u0410", "\u05e9\u05dc\u05d5\u05dd",
    "\u0645\u0631\u062d\u0628\u0627\u060c", "\u0928\u092e\u0938\u094d\u0924\u0947\u0964", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\u2764\ufe0f", "1\ufe0f\u20e3", "\u2603", "\u2713",
    "e\u0301", "\u0301", "\u20dd", "a\u200db", "soft\u00adhyphen", "\u061c", "\u202e", "\ue000", "\uffff", "\U0010ffff", "\x7f", "\x01",
]
HAND_WRITTEN = [
    "", " ", "\u3000", "\n", ".", "a", "a b", "a b c", "a b c d", "a b c d e", "\u00a0leading and trailing\u00a0", "no\u00a0break",
    "line\u2028separator\u2029here\u0085and\u200bzero width", "tab\tseparated\ttext", "-\nbroken-\nword", "<skipped>", "a <skipped> b",
    "Hello, world!", "He said: &quot;5 &lt; 6 &amp; 7 &gt; 6&quot;.", "&amp;amp;lt;", "[brackets] {braces} (parens) <angle>",
    "It cost $1,234.56, i.e. 10% more than in 1999-2000.", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "..a..b..1..2,,3,.4.,", "a...", "...a", "1.,2", ".,.,.,", "5-6-7 a-1 1-a -1- 1--2", "well-known \u2013 state-of-the-art\u2014yes",
    "\u4f60\u597d\uff0c\u4e16\u754c\uff01Hello\u3000World 1,000\u5143\u3002",
    "\u201c\u5f15\u53f7\u201d\u2026\u2014\u2014\u300a\u4e66\u300b",
    "\u00a0 \u4e2d\u6587 &quot;abc&quot; 3.5\u500d", "\U0001f600\U0001f600 \U0001f468\u200d\U0001f4bb!",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3, \u03a3.", "\u0130I\u0131i DIYARBAKIR",
]


def random_code_point(rng):
    """One that Unicode 3.2 assigned: sacreBLEU's and our Unicode versions may disagree about younger ones."""
    while True:
        limit = rng.choice([0x100, 0x3000, 0x10000, 0x30000])
        character = chr(rng.randrange(limit))
        if unicodedata.ucd_3_2_0.category(character) not in ("Cn", "Cs"):
            return character


def random_line(rng, pieces):
    separators = [" "] * 6 + [""] * rng.choice([0, 6, 20]) + list(WHITE_SPACE) * rng.choice([0, 1])
    line = ""
    for _ in range(rng.choice([0, 1, 2, 3, 4, 6, 10, 20, 40])):
        line += rng.choice(pieces) + rng.choice(separators)
    return line


def perturbed(rng, line):
    """Roughly the same line, so that n-grams of every order match."""
    kind = rng.random()
    if kind < 0.15:
        return line
    if kind < 0.25:
        return line.swapcase()
    units, glue = (line.split(" "), " ") if rng.random() < 0.6 else (list(line), "")
    for _ in range(rng.choice([1, 1, 2, 4])):
        if not units:
            break
        i = rng.randrange(len(units))
        edit = rng.randrange(4)
        if edit == 0:
            del units[i]
        elif edit == 1:
            units.insert(i, units[rng.randrange(len(units))])
        elif edit == 2:
            units[i] = rng.choice(PIECES)
        else:
            units[i:] = reversed(units[i:])
    return glue.join(units)


def random_request(rng):
    pieces = rng.sample(PIECES, rng.choice([3, 10, 40, len(PIECES)]))
    if rng.random() < 0.5:
        pieces += [random_code_point(rng) for _ in range(rng.choice([5, 50]))]
    segments = rng.choice([1, 1, 2, 3, 5, 12])
    first = [random_line(rng, pieces) for _ in range(segments)]
    streams = [first] + [[perturbed(rng, line) for line in first] for _ in range(rng.choice([0, 0, 0, 1, 2]))]
    unrelated = rng.choice([0.0, 0.1, 1.0])
    hypotheses = [random_line(rng, pieces) if rng.random() < unrelated else perturbed(rng, line) for line in first]
    return request(hypotheses, streams, rng.choice(TOKENIZERS), rng.random() < 0.4, rng.random() < 0.4)


def request(hypotheses, streams, tokenize, lowercase=False, effective_order=False):
    return {"hypotheses": hypotheses, "references": streams, "tokenize": tokenize, "lowercase": lowercase,
            "effective_order": effective_order, "segments": True}


def hand_written_requests():
    rng = random.Random(7)
    for tokenize in TOKENIZERS:
        for lowercase in (False, True):
            for line in HAND_WRITTEN:
                for hypothesis in (line, perturbed(rng, line), ""):
                    yield request([hypothesis], [[line]], tokenize, lowercase, rng.random() < 0.5)
            yield request(HAND_WRITTEN, [HAND_WRITTEN], tokenize, lowercase)
            yield request([perturbed(rng, line) for line in HAND_WRITTEN], [HAND_WRITTEN, HAND_WRITTEN[::-1]], tokenize, lowercase)


def real_requests():
    corpora = pathlib.Path(os.environ.get("SUBLAYER_CORPORA", REPOSITORY / ".." / "shared" / "corpora"))
    rng = random.Random(11)
    multi30k, tatoeba = corpora / "multi30k" / "val.de.gz", corpora / "tatoeba_zh_en" / "valid.tsv.gz"
    if multi30k.exists():
        lines = gzip.open(multi30k, "rt", encoding="utf-8", newline="\n").read().split("\n")[:-1]
        for tokenize in TOKENIZERS:
            yield request([perturbed(rng, line) for line in lines], [lines], tokenize, rng.random() < 0.5)
    if tatoeba.exists():
        rows = gzip.open(tatoeba, "rt", encoding="utf-8", newline="\n").read().split("\n")[:-1]
        for column in (0, 1):
            lines = [row.split("\t")[column] for row in rows]
            for tokenize in TOKENIZERS:
                yield request([perturbed(rng, line) for line in lines], [lines], tokenize, rng.random() < 0.5)


def expected_answer(query):
    metric = BLEU(tokenize=query["tokenize"], lowercase=query["lowercase"], effective_order=query["effective_order"])
    result = metric.corpus_score(query["hypotheses"], query["references"])
    signature = str(metric.get_signature())
    segments = [metric.sentence_score(hypothesis, [stream[i] for stream in query["references"]]).score
                for i, hypothesis in enumerate(query["hypotheses"])]
    return {"score": result.score, "precisions": result.precisions, "brevity_penalty": result.bp, "hypothesis_length": result.sys_len,
            "reference_length": result.ref_len, "correct": result.counts, "total": result.totals, "signature": signature,
            "segment_scores": segments}


def same(name, ours, theirs):
    if name == "signature":
        return ours.rpartition("|version:")[0] == theirs.rpartition("|version:")[0]
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(same(name, a, b) for a, b in zip(ours, theirs))
    return abs(ours - theirs) <= TOLERANCE


def run(binary, *arguments, text=""):
    return subprocess.run([binary, "bleu", *arguments], input=text.encode("utf-8"), capture_output=True, check=False)


def compare(binary, requests):
    """Returns the number of differences; prints the first ones."""
    process = run(binary, "--json-lines", text="".join(json.dumps(query, ensure_ascii=False) + "\n" for query in requests))
    if process.returncode != 0:
        print(process.stderr.decode("utf-8", "replace"))
        return 1
    answers = [json.loads(line) for line in process.stdout.decode("utf-8").split("\n")[:-1]]
    if len(answers) != len(requests):
        print(f"{len(requests)} requests, {len(answers)} answers")
        return 1
    differences = 0
    for query, answer in zip(requests, answers):
        expected = expected_answer(query)
        names = [name for name in expected if not same(name, answer[name], expected[name])]
        if set(answer) != set(expected) or names:
            differences += 1
            if differences <= 3:
                print("different:", names or set(answer) ^ set(expected), json.dumps(query)[:2000], answer, expected, sep="\n  ")
    return differences


def check_files(binary):
    """Lines of a file end at a line feed alone, and a text that is not UTF-8 is refused."""
    failures = 0
    references = [line.replace("\n", " ") for line in HAND_WRITTEN] + ["dos line\r"]
    hypotheses = [perturbed(random.Random(3), line).replace("\n", " ") for line in references]
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, lines in (("hypotheses", hypotheses), ("references", references), ("short", references[:-1])):
            paths[name] = os.path.join(folder, name)
            pathlib.Path(paths[name]).write_bytes("".join(line + "\n" for line in lines).encode("utf-8"))
        paths["latin1"] = os.path.join(folder, "latin1")
        pathlib.Path(paths["latin1"]).write_bytes(b"fine\n\xc4pfel\n" + b"fine\n" * (len(references) - 2))

        process = run(binary, "--hypotheses", paths["hypotheses"], "--references", paths["references"], "--tokenize", "zh", "--lowercase")
        answer = json.loads(process.stdout) if process.returncode == 0 else {}
        expected = expected_answer(request(hypotheses, [references], "zh", True))
        del expected["segment_scores"]
        failures += not answer or any(not same(name, answer[name], value) for name, value in expected.items())

        for name, tokenize, fragment in (("latin1", "13a", "segment 1: hypothesis: invalid UTF-8 at byte 0"),
                                         ("short", "13a", "BLEU got"), ("hypotheses", "14a", "14a")):
            process = run(binary, "--hypotheses", paths[name], "--references", paths["references"], "--tokenize", tokenize)
            message = process.stderr.decode("utf-8", "replace")
            failures += process.returncode == 0 or fragment not in message
    if failures:
        print(f"{failures} of 4 checks of files failed")
    return failures


def main():
    binary = os.environ.get("SUBLAYER_BINARY")
    if not binary:
        print("skipped: SUBLAYER_BINARY is not set")
        return 77
    logging.getLogger("sacrebleu").setLevel(logging.ERROR)
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)

    groups = {"generated": [random_request(rng) for _ in range(number)], "hand-written": list(hand_written_requests()),
              "real": list(real_requests())}
    failures = check_files(binary)
    for name, requests in groups.items():
        differences = compare(binary, requests) if requests else 0
        print(f"{name}: {len(requests)} corpora, {differences} different")
        failures += differences
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

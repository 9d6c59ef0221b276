"""An exported model runs without Sublayer: in Python, and in a C++ program that is built here with LibTorch and SentencePiece."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import sentencepiece
    import torch
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSUMERS = ROOT / "docs" / "consumers"
SUBLAYER = pathlib.Path(os.environ.get("SUBLAYER_BINARY", "build/sublayer")).absolute()
LONGEST = 40  # tokens of a target, end symbol counted
SENTENCES = ["s03 s07 s01", "s19", "s00 s00 s00 s05 s11 s02 s08", "", "s04 unheard s06", "s01 s02 s03 s04 s05 s06 s07 s08 s09 s10 s11 s12"]
TOKENIZERS = {
    "words": ["tokenizer=whitespace"],
    "characters": ["tokenizer={type: character, joint: false}", "model.embedding.tie=decoder"],
    "subwords": ["tokenizer={type: sentencepiece, vocabulary_size: 32}", "model.layer.residual=post",
                 "model.position={type: learned, max_length: 64}", "training.max_source_length=64", "training.max_target_length=64"],
}


def run(*command, given=None, directory=None):
    """Standard output of a command; SUBLAYER_* stays out of its environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SUBLAYER_")}
    done = subprocess.run([str(part) for part in command], input=given, capture_output=True, text=True, env=environment, cwd=directory)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def train_and_export(folder, name, settings):
    settings = [*settings, "task.train=600", "task.valid=20", "task.test=20", "training.max_updates=60", "checkpoint.every_epochs=100"]
    arguments = [part for setting in settings for part in ("--set", setting)]
    run(SUBLAYER, "train", ROOT / "configs" / "reverse.yaml", "--runs", folder, "--name", name, *arguments)
    run(SUBLAYER, "export", folder / name, "--format", "torchscript", "--output", folder / f"{name}.pt")
    return folder / name, folder / f"{name}.pt"


def live_translations(directory, beam_size):
    search = ["search.type=beam", f"search.beam_size={beam_size}", f"search.max_length={LONGEST - 1}"]
    arguments = [part for setting in search for part in ("--set", setting)]
    return run(SUBLAYER, "translate", directory, "--scores", *arguments, given="\n".join(SENTENCES) + "\n")


def assert_same_translations(live, exported, what):
    live, exported = live.splitlines(), exported.splitlines()
    assert len(live) == len(exported) == len(SENTENCES), (what, live, exported)
    for one, other in zip(live, exported):
        (score, text), (other_score, other_text) = one.split("\t"), other.split("\t")
        assert abs(float(score) - float(other_score)) < 1e-4, (what, one, other)
        assert text == other_text, (what, one, other)


def check_python_consumer(directory, model, folder):
    alone = folder / "translate.py"
    shutil.copy(CONSUMERS / "translate.py", alone)
    for beam_size in (1, 4):
        arguments = ["--beam-size", beam_size, "--max-length", LONGEST, "--scores"]
        # Lines in batches of another size than the program's; -I keeps the repository out of the way.
        arguments = ["-I", alone, model, *arguments, "--batch-lines", 4]
        exported = run(sys.executable, *arguments, given="\n".join(SENTENCES) + "\n", directory=folder)
        assert_same_translations(live_translations(directory, beam_size), exported, f"{model.name}, beam {beam_size}")


def check_file(directory, model):
    """What sublayer.json promises."""
    names = ["sublayer.json", "config.yaml", *(path.name for path in directory.glob("*tokenizer.model"))]
    files = {name: b"" for name in names}
    loaded = torch.jit.load(model, _extra_files=files)
    for name in names[1:]:
        assert files[name] == (directory / name).read_bytes(), name
    facts = json.loads(files["sublayer.json"])
    assert sorted(names[1:]) == facts["extra_files"], facts["extra_files"]
    assert facts["special_ids"] == {"pad": loaded.pad_id, "unknown": loaded.unknown_id, "begin": loaded.begin_id, "end": loaded.end_id}

    sources = torch.tensor([[5, 6, 7, 8, 3], [9, 3, 0, 0, 0], [5, 4, 3, 0, 0]])
    state = loaded.encode(source_ids=sources, padding_mask=sources == 0)
    for step in range(3):
        sizes = {"R": 3, "S": 5, "t": step}
        assert len(state) == len(facts["state"])
        for tensor, fact in zip(state, facts["state"]):
            expected = [sizes[size] if size in sizes else int(size) for size in fact["shape"]]
            assert list(tensor.shape) == expected, (fact, tensor.shape)
            assert str(tensor.dtype) == "torch." + fact["type"], (fact, tensor.dtype)
        log_probs, state = loaded.step(ids=torch.full([3], loaded.begin_id), state=state)
        assert log_probs.shape == (3, facts["vocabulary_sizes"]["target"]) and log_probs.dtype == torch.float32
        assert torch.allclose(log_probs.exp().sum(1), torch.ones(3), atol=1e-5)
        assert not log_probs.requires_grad
    ids, scores = loaded.translate(sources, max_length=7)
    assert ids.dtype == torch.int64 and ids.dim() == 2 and ids.size(1) <= 7
    assert scores.dtype == torch.float32 and scores.shape == (3,)
    weights = run(sys.executable, "-c", "import json, sys, safetensors.torch as s; print(json.dumps(sorted(s.load_file(sys.argv[1]))))",
                  next((directory / "checkpoints").glob("*/model.safetensors")))
    assert sorted(loaded.state_dict()) == json.loads(weights)


def check_cpp_consumer(directory, model, folder):
    if shutil.which("cmake") is None or (torch.version.cuda and shutil.which("nvcc") is None):
        print("not tried: the C++ consumer, since this LibTorch's CMake files ask for a CUDA toolkit or there is no CMake")
        return
    build = folder / "consumer"
    run("cmake", "-S", CONSUMERS, "-B", build, f"-DCMAKE_PREFIX_PATH={torch.utils.cmake_prefix_path}", "-DCMAKE_BUILD_TYPE=Release")
    run("cmake", "--build", build)
    given = "\n".join(SENTENCES) + "\n"
    for beam_size in (1, 4):
        python = run(sys.executable, CONSUMERS / "translate.py", model, "--beam-size", beam_size, given=given)
        assert run(build / "translate", model, beam_size, given=given, directory=folder) == python
    needed = run("readelf", "--dynamic", build / "translate")
    assert "sublayer" not in needed and needed.index("libsentencepiece") < needed.index("libc10"), needed


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name, settings in TOKENIZERS.items():
            directory, model = train_and_export(folder, name, settings)
            check_file(directory, model)
            check_python_consumer(directory, model, folder)
        check_cpp_consumer(directory, model, folder)
    print(f"exported models translate as Sublayer does, with torch {torch.__version__}, sentencepiece {sentencepiece.__version__}")


main()

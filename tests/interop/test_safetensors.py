"""The reference implementation of safetensors reads our files, and we read its files."""
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import safetensors
    import safetensors.torch
    import torch
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

TESTS = os.environ.get("SUBLAYER_TESTS") or os.path.join(os.environ.get("SUBLAYER_BUILD_DIR", "build"), "sublayer_tests")
DTYPES = {
    "Double": torch.float64, "Float": torch.float32, "Half": torch.float16, "BFloat16": torch.bfloat16, "Long": torch.int64,
    "Int": torch.int32, "Short": torch.int16, "Char": torch.int8, "Byte": torch.uint8, "Bool": torch.bool,
}


def load(path):
    with safetensors.safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def assert_same(expected, given):
    assert expected.keys() == given.keys(), (expected.keys(), given.keys())
    for name, tensor in expected.items():
        other = given[name]
        assert (tensor.dtype, tensor.shape) == (other.dtype, other.shape), name
        bytes_of = [t.contiguous().flatten().view(torch.uint8) for t in (tensor, other)]  # NaN equals itself
        assert torch.equal(*bytes_of), name


def without_checksums(metadata):
    assert {"xxh3", "xxh3_header"} <= metadata.keys(), metadata
    return {key: value for key, value in metadata.items() if not key.startswith("xxh3")}


def main():
    torch.manual_seed(1)
    from_python = {f"matrix.{name}": (torch.randn(5, 3) * 4).to(dtype) for name, dtype in DTYPES.items()}
    from_python.update({"scalar": torch.tensor(2.5), "none": torch.empty(0, 2), "nan": torch.tensor([float("nan"), float("-inf")]),
                        "caf\u00e9 \"1\"": torch.ones(1)})
    metadata = {"format": "pt", "note": "caf\u00e9 \"1\"\n"}
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        safetensors.torch.save_file(from_python, folder / "python.safetensors", metadata=metadata)
        subprocess.run([TESTS, "[.interop_safetensors]"], env={**os.environ, "SUBLAYER_TEST_DIRECTORY": directory}, check=True)

        tensors, read_metadata = load(folder / "rewritten.safetensors")
        assert_same(from_python, tensors)
        assert without_checksums(read_metadata) == metadata

        from_cpp = {f"ones.{name}": torch.ones(3, 1, dtype=dtype) for name, dtype in DTYPES.items()}
        from_cpp.update({"narrow_first": torch.ones(3, dtype=torch.uint8), "arange": torch.arange(6.0).view(2, 3).t(),
                         "scalar": torch.tensor(1), "none": torch.empty(0, 7)})
        tensors, read_metadata = load(folder / "cpp.safetensors")
        assert_same(from_cpp, tensors)
        assert without_checksums(read_metadata) == metadata
        assert_same(from_cpp, safetensors.torch.load_file(folder / "cpp.safetensors"))
        assert_same(from_cpp, safetensors.torch.load((folder / "cpp.safetensors").read_bytes()))
    print("safetensors", safetensors.__version__, "and Sublayer read each other's files")


main()

"""Adding a variant is adding one file: in a copy of the repository an activation is written, built, listed, documented, trained with and
exported.

A whole build takes many minutes, so the test runs only where SUBLAYER_SLOW_TESTS is set. Exit status: 0 passed, 1 failed, 77 skipped.
"""

import os
import pathlib
import shutil
import subprocess
import sys

from program import SOURCE, TINY, contents, expect, expect_equal, output_of, run_tests, write
import program

NAME = "soft_sign_of_a_test"
VARIANT = f'''\
#include "models/activation/activation.h"

namespace sublayer::activation {{
namespace {{

// scale x / (1 + |x|) (Turian et al. 2009).
class SoftSignOfATest final : public Activation {{
 public:
  struct Options : config::Options {{
    double scale = 2;
    void fields(config::Fields& v) override {{ v("scale", scale, "value that is approached far from 0").otherwise("3"); }}
    void check(config::Checker& c) const override {{ c.require(scale > 0, "scale", "must be positive"); }}
  }};
  explicit SoftSignOfATest(const Options& options) : options_(options) {{}}
  at::Tensor forward(const at::Tensor& x) override {{ return options_.scale * x / (1 + x.abs()); }}

 private:
  Options options_;
}};

SUBLAYER_REGISTER(Activation, SoftSignOfATest, "{NAME}", "scale x / (1 + |x|), from a test");

}}  // namespace
}}  // namespace sublayer::activation
'''


def copy_repository(target):
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=SOURCE, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if (SOURCE / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SOURCE / name, target / name)
    if (SOURCE / ".venv").exists():
        (target / ".venv").symlink_to(SOURCE / ".venv")


def call(*arguments, folder):
    process = subprocess.run(arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    expect(process.returncode == 0, f"{' '.join(arguments)}: {process.stdout.decode('utf-8', 'replace')[-3000:]}")


def test_a_variant_is_one_file(folder):
    copy, build = folder / "copy", folder / "build"
    copy_repository(copy)
    call("cmake", "--preset", "default", "-B", str(build), "-DBUILD_TESTING=OFF", folder=copy)
    before = contents(copy)
    write(copy / "models" / "activation" / f"{NAME}.cpp", VARIANT)  # after cmake, as a developer does who has a build already
    call("cmake", "--build", str(build), "--target", "sublayer", folder=copy)
    after = contents(copy)
    expect_equal(sorted(set(after) - set(before)), [f"models/activation/{NAME}.cpp"], "files that the build left in the repository")
    expect_equal({name: value for name, value in after.items() if name in before}, before, "files that were there before")

    program.BINARY = str(build / "sublayer")
    expect(f"  {NAME}" in output_of("list"), "the new activation is not listed")
    described = output_of("list", "activation", NAME)
    expect("scale x / (1 + |x|), from a test" in described and "value that is approached far from 0 (number, default 2)" in described,
           f"the new activation is not documented: {described}")
    expect(NAME in output_of("schema"), "the new activation is not in the schema")
    expect("pairs, 0 failures" in output_of("conformance", f"activation/{NAME}"), "the new activation lacks some property")
    config = write(folder / "tiny.yaml", TINY)
    text = output_of("train", config, "--runs", folder, "--set", f"model.layer.feed_forward.activation={{type: {NAME}, scale: 3}}")
    run = pathlib.Path(text.strip())
    expect(f"type: {NAME}" in (run / "config.yaml").read_text(), "the run's config does not name the new activation")
    text = output_of("export", run, "--output", folder / "model.pt")
    expect("equal to the live model" in text, f"the export was not compared with the model: {text}")
    expect((folder / "model.pt").stat().st_size > 0, "the exported file is empty")


if __name__ == "__main__":
    if not os.environ.get("SUBLAYER_SLOW_TESTS"):
        print("skipped: SUBLAYER_SLOW_TESTS is not set (a whole build)")
        sys.exit(77)
    sys.exit(run_tests(globals()))

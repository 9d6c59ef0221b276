#include "src/core/fingerprint.h"

#include "tests/support/catch.h"

namespace sublayer {

TEST_CASE("of two fingerprints the lines that differ are named with both values") {
  const std::string here = "headers: 12\nLibTorch: 2.13.0\nlibrary: libstdc++ 12, strings: 1\n";
  CHECK(fingerprint_differences(here, here).empty());
  CHECK(fingerprint_differences("headers: 12\nLibTorch: 2.12.1\nlibrary: libstdc++ 12, strings: 0\n", here) ==
        "LibTorch: 2.12.1 there, 2.13.0 here; library: libstdc++ 12, strings: 0 there, libstdc++ 12, strings: 1 here");
  CHECK(fingerprint_differences("LibTorch: 2.13.0\nlibrary: libstdc++ 12, strings: 1\nkernel: 6\n", here) ==
        "headers: nothing there, 12 here; kernel: 6 there, nothing here");
  CHECK(!fingerprint_differences("", here).empty());
  CHECK(!fingerprint_differences("garbage", here).empty());
}

TEST_CASE("this program's fingerprint has a value in each line") {
  const std::string text = fingerprint;
  for (const char* what : {"Sublayer: ", "LibTorch: 2.", "C++ library: lib"}) CHECK(text.find(what) != std::string::npos);
  CHECK(fingerprint_differences(text, text).empty());
}

}  // namespace sublayer

#include "src/core/path_pattern.h"

#include "tests/support/catch.h"

namespace sublayer {

TEST_CASE("a pattern without stars fits the path that it spells") {
  CHECK(fits_pattern("encoder.layers.0", "encoder.layers.0"));
  CHECK(!fits_pattern("encoder.layers.0", "encoder.layers"));
  CHECK(!fits_pattern("encoder.layers", "encoder.layers.0"));
  CHECK(fits_pattern("", ""));
  CHECK(!fits_pattern("a", ""));
}

TEST_CASE("one star stays within its segment, two cross dots") {
  CHECK(fits_pattern("encoder.layers.12.feed_forward", "*.layers.*.feed_forward"));
  CHECK(fits_pattern("decoder.layers.0.cross_attention.body", "*.layers.*.*_attention.body"));
  CHECK(!fits_pattern("encoder.layers.0.feed_forward.body", "*.layers.*.feed_forward"));
  CHECK(!fits_pattern("encoder.layers.0.feed_forward", "encoder.*"));
  CHECK(fits_pattern("encoder.layers.0.feed_forward", "encoder.**"));
  CHECK(fits_pattern("encoder.layers.0.feed_forward.body.activation", "**.activation"));
  CHECK(fits_pattern("activation", "*"));
  CHECK(fits_pattern("a.b.c", "**"));
  CHECK(!fits_pattern("a.b.c", "*"));
}

TEST_CASE("a star may stand for nothing, and stars may follow each other") {
  CHECK(fits_pattern("layers", "layers*"));
  CHECK(fits_pattern("a.b", "**a**.**b**"));
  CHECK(!fits_pattern("a.b", "**b**a**"));
}

TEST_CASE("the number of a layer is taken out of a path") {
  CHECK(layer_pattern("encoder.layers.13.feed_forward.body").text == "encoder.layers.*.feed_forward.body");
  CHECK(layer_pattern("encoder.layers.13.feed_forward.body").layer == 13);
  CHECK(layer_pattern("decoder.layers.2").text == "decoder.layers.*");
  CHECK(layer_pattern("decoder.layers.2").layer == 2);
  CHECK(layer_pattern("a.1.b.2").text == "a.*.b.2");
  CHECK(layer_pattern("layer2.embedding").text == "layer2.embedding");
  CHECK(layer_pattern("layer2.embedding").layer == 0);
}

}  // namespace sublayer

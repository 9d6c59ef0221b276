#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sublayer {

// Whether a dotted path fits a pattern: `*` stands for any characters but dots, `**` for any characters.
// "*.layers.*.feed_forward" fits "encoder.layers.0.feed_forward" and not what is below it.
bool fits_pattern(std::string_view path, std::string_view pattern);

// "encoder.layers.3.feed_forward" -> "encoder.layers.*.feed_forward", layer 3. The first segment that is a number counts; without one the
// path stays as it is, and the layer is 0.
struct LayerPattern {
  std::string text;
  int64_t layer = 0;
};
LayerPattern layer_pattern(const std::string& path);

}  // namespace sublayer

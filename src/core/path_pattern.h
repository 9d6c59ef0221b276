#pragma once

#include <string_view>

namespace sublayer {

// Whether a dotted path fits a pattern: `*` stands for any characters but dots, `**` for any characters.
// "*.layers.*.feed_forward" fits "encoder.layers.0.feed_forward" and not what is below it.
bool fits_pattern(std::string_view path, std::string_view pattern);

}  // namespace sublayer

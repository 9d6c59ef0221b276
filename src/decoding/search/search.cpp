#include "src/decoding/search/search.h"

#include <cmath>

namespace sublayer::search {

void SearchOptions::fields(config::Fields& v) {
  v("max_length", max_length, "longest target in tokens, end symbol not counted; 0: max_length_factor * source length + max_length_offset")
      .otherwise("5");
  v("max_length_factor", max_length_factor, "see max_length").otherwise("2");
  v("max_length_offset", max_length_offset, "see max_length").otherwise("3");
}

void SearchOptions::check(config::Checker& c) const {
  c.require(max_length >= 0, "max_length", "must not be negative (0 derives it from the source)");
  c.require(max_length_factor >= 0, "max_length_factor", "must not be negative");
  c.require(max_length_offset >= 0, "max_length_offset", "must not be negative");
}

int64_t Search::max_length(int64_t source_length) const {
  if (limits_.max_length > 0) return limits_.max_length;
  return static_cast<int64_t>(std::ceil(limits_.max_length_factor * static_cast<double>(source_length))) + limits_.max_length_offset;
}

}  // namespace sublayer::search

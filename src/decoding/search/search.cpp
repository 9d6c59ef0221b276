#include "src/decoding/search/search.h"

#include <cmath>

namespace sublayer::search {

void SearchOptions::fields(config::Fields& v) {
  v("max_length", max_length, "longest target in tokens, end symbol not counted; 0: max_length_factor * source length + max_length_offset")
      .otherwise("5");
  v("max_length_factor", max_length_factor, "see max_length").otherwise("2");
  v("max_length_offset", max_length_offset, "see max_length").otherwise("3");
  v.word("precision", precision, {"fp32", "bf16", "int8"},
         "of weights and activations in matrix products. bf16 and int8 (whole numbers, with a factor for each output and token) are "
         "rounded and "
         "faster where the processor has instructions for them: AVX512-BF16, AVX512-VNNI")
      .otherwise("bf16")
      .otherwise("int8");
}

void SearchOptions::check(config::Checker& c) const {
  c.require(max_length >= 0, "max_length", "must not be negative (0 derives it from the source)");
  c.require(max_length_factor >= 0, "max_length_factor", "must not be negative");
  c.require(max_length_offset >= 0, "max_length_offset", "must not be negative");
}

int64_t Search::max_length(int64_t source_length) const {
  if (options_.max_length > 0) return options_.max_length;
  return static_cast<int64_t>(std::ceil(options_.max_length_factor * static_cast<double>(source_length))) + options_.max_length_offset;
}

Precision Search::precision() const {
  return options_.precision == "int8" ? Precision::int8 : options_.precision == "bf16" ? Precision::bf16 : Precision::fp32;
}

}  // namespace sublayer::search

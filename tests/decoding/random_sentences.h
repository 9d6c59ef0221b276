#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "data/tokenizer/tokenizer.h"
#include "src/core/noise.h"

namespace sublayer::test {

// `count` sentences of 0 to `longest` ordinary ids below `vocabulary`.
inline std::vector<std::vector<int64_t>> random_sentences(int64_t count, int64_t longest, int64_t vocabulary,
                                                          std::string_view name = "sentences") {
  std::vector<std::vector<int64_t>> sentences(count);
  for (int64_t i = 0; i < count; ++i) {
    const Noise noise = Noise(1)(name)(i);
    sentences[i].resize(noise("length").below(longest + 1, 0));
    for (size_t t = 0; t < sentences[i].size(); ++t) {
      sentences[i][t] = tokenizer::num_special_ids + static_cast<int64_t>(noise.below(vocabulary - tokenizer::num_special_ids, t));
    }
  }
  return sentences;
}

}  // namespace sublayer::test

#include "models/lineage.h"

#include <algorithm>

namespace sublayer {

std::span<const SeenTokens::Place> SeenTokens::of(int64_t hypothesis) const {
  const int64_t start = hypothesis > 0 ? ends[hypothesis - 1] : 0;
  return std::span(places).subspan(start, ends[hypothesis] - start);
}

SeenTokens SeenTokens::select(std::span<const int64_t> rows) const {
  SeenTokens chosen;
  for (const int64_t row : rows) {
    const auto seen = of(row);
    chosen.places.insert(chosen.places.end(), seen.begin(), seen.end());
    chosen.ends.push_back(std::ssize(chosen.places));
  }
  return chosen;
}

Lineage::Lineage(std::span<const int64_t> source_lengths) : own_{{}, std::vector<int64_t>(source_lengths.size(), 0)} {
  for (const int64_t length : source_lengths) {
    for (int64_t i = 0; i < length; ++i) memory_.places.push_back({0, static_cast<int32_t>(memory_.places.size())});
    memory_.ends.push_back(std::ssize(memory_.places));
  }
}

void Lineage::grow() {
  SeenTokens grown;
  grown.places.reserve(own_.places.size() + own_.ends.size());
  for (int64_t i = 0; i < std::ssize(own_.ends); ++i) {
    const auto seen = own_.of(i);
    grown.places.insert(grown.places.end(), seen.begin(), seen.end());
    grown.places.push_back({steps_, static_cast<int32_t>(i)});
    grown.ends.push_back(std::ssize(grown.places));
  }
  own_ = std::move(grown);
  ++steps_;
}

void Lineage::select(std::span<const int64_t> rows) {
  own_ = own_.select(rows);
  memory_ = memory_.select(rows);
}

}  // namespace sublayer

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sublayer {

// For each of R hypotheses the tokens of one side that it sees. Keys and values of tokens are kept in parts, as they were made.
struct SeenTokens {
  struct Place {
    int32_t part, row;
  };
  std::vector<Place> places;  // hypothesis by hypothesis
  std::vector<int64_t> ends;  // [R], where the places of each end

  std::span<const Place> of(int64_t hypothesis) const;
  SeenTokens select(std::span<const int64_t> rows) const;
};

// Where the past of R hypotheses is kept that grow token by token: of the source in one part, of the target in a part for each step, of
// which row r is that of hypothesis r then. Nothing moves when hypotheses are chosen, copied or dropped.
class Lineage {
 public:
  // One hypothesis for each source.
  explicit Lineage(std::span<const int64_t> source_lengths);

  // Each hypothesis gets a token; its keys and values are one more part.
  void grow();

  // Hypothesis i becomes the former hypothesis rows[i].
  void select(std::span<const int64_t> rows);

  const SeenTokens& own() const { return own_; }
  const SeenTokens& memory() const { return memory_; }

 private:
  SeenTokens own_, memory_;
  int32_t steps_ = 0;
};

}  // namespace sublayer

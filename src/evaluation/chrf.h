#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sublayer::evaluation {

struct ChrfOptions {
  int64_t char_order = 6;   // longest n-gram of characters
  int64_t word_order = 0;   // longest n-gram of words; 0 for chrF, 2 for chrF++
  int64_t beta = 2;         // recall counts beta times as much as precision
  bool lowercase = false;   // lower-case both sides first
  bool whitespace = false;  // white space counts as characters
};

// N-grams of one order in a hypothesis and its reference. Those of a corpus are sums over its segments.
struct ChrfCounts {
  int64_t hypothesis = 0;  // 0 where the reference has none
  int64_t reference = 0;
  int64_t matches = 0;  // clipped: n-grams that both have, as often as the side that has fewer
};

// chrF = 100 (1 + beta^2) P R / (beta^2 P + R), with precision P and recall R averaged over orders (Popovic 2015); with n-grams of words
// among the orders it is chrF++ (Popovic 2017). Equal to sacreBLEU's without smoothing: orders that one side lacks are left out.
class Chrf {
 public:
  // Throws std::invalid_argument if there is no order at all, or a negative option.
  explicit Chrf(const ChrfOptions& options);

  // One segment: the orders of characters, then those of words. Texts are UTF-8 without tokenisation; throws std::invalid_argument for
  // ill-formed UTF-8.
  std::vector<ChrfCounts> count(std::string_view hypothesis, std::string_view reference) const;

  // 0..100, of the counts of a segment or their sums, an element per order.
  double score(const std::vector<ChrfCounts>& orders) const;

  // What a score depends on, in sacreBLEU's form with the version of this program. sacreBLEU has beta in the metric's name instead: chrF2.
  std::string signature() const;

 private:
  ChrfOptions options_;
};

}  // namespace sublayer::evaluation

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "src/core/config/choice.h"

namespace sublayer::metric {

// What was observed on an evaluation set. Hypotheses and references are text, in one order.
struct Evidence {
  double negative_log_likelihood = 0;  // of the references, natural logarithm, sum over their tokens
  int64_t tokens = 0;                  // of the references, end symbols included
  int64_t correct_tokens = 0;          // most probable ones among them, each after the true tokens before it
  std::vector<std::string> hypotheses, references;
};

// A score of a model on an evaluation set.
class Metric {
 public:
  static constexpr const char* kind = "metric";
  static constexpr const char* kind_documentation = "score of a model on an evaluation set";
  using Arguments = std::tuple<>;

  virtual ~Metric() = default;

  virtual std::string name() const = 0;  // that of the variant
  virtual bool needs_hypotheses() const = 0;
  virtual bool higher_is_better() const = 0;
  virtual double score(const Evidence& evidence) const = 0;  // DataError where there is nothing to score

  // For a metric that is a function of counts summed over pairs of hypothesis and reference: the counts of one pair, and the score of a
  // sum, finite for any. Tests over the items of a test set resample them. No counts: not such a metric. Derive from CountMetric.
  virtual std::vector<double> count(const std::string& /*hypothesis*/, const std::string& /*reference*/) const { return {}; }
  virtual double score_counts(std::span<const double> /*sums*/) const { return 0; }
  bool is_made_of_counts() const { return needs_hypotheses() && !count("", "").empty(); }

  virtual std::string signature() const = 0;  // all that the score's meaning depends on, as in sacreBLEU: "key:value|..."
};

}  // namespace sublayer::metric

#pragma once

#include "src/evaluation/metric/metric.h"

namespace sublayer::metric {

// A metric of text that is a function of counts summed over pairs: its variants say what is counted and what the sums are worth.
class CountMetric : public Metric {
 public:
  bool needs_hypotheses() const final { return true; }
  // DataError where there is no pair, where numbers of lines differ, and, with the number of the segment (from 0), where `count` throws
  // std::invalid_argument.
  double score(const Evidence& evidence) const override;

 protected:
  std::vector<double> summed_counts(const Evidence& evidence) const;  // throws as `score` does
};

}  // namespace sublayer::metric

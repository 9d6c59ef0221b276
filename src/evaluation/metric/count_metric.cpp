#include "src/evaluation/metric/count_metric.h"

#include <stdexcept>

#include "src/core/errors.h"

namespace sublayer::metric {

double CountMetric::score(const Evidence& evidence) const { return score_counts(summed_counts(evidence)); }

std::vector<double> CountMetric::summed_counts(const Evidence& evidence) const {
  const auto &hypotheses = evidence.hypotheses, &references = evidence.references;
  if (hypotheses.empty()) throw DataError(name() + ": there is no hypothesis to score");
  if (hypotheses.size() != references.size()) {
    throw DataError(name() + ": got " + std::to_string(hypotheses.size()) + " hypotheses and " + std::to_string(references.size()) +
                    " references");
  }
  std::vector<double> sums;
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    try {
      const auto counts = count(hypotheses[i], references[i]);
      sums.resize(counts.size());
      for (size_t k = 0; k < counts.size(); ++k) sums[k] += counts[k];
    } catch (const std::invalid_argument& error) {
      throw DataError(name() + ": segment " + std::to_string(i) + ": " + error.what());
    }
  }
  return sums;
}

}  // namespace sublayer::metric

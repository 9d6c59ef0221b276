#include "src/core/version.h"
#include "src/evaluation/metric/count_metric.h"

namespace sublayer::metric {
namespace {

// Share of hypotheses, 0 to 1, that are their reference, character by character: the accuracy of tasks with one right answer.
class ExactMatch final : public CountMetric {
 public:
  struct Options : config::Options {};
  explicit ExactMatch(const Options&) {}
  std::string name() const override { return "exact_match"; }
  bool higher_is_better() const override { return true; }
  std::vector<double> count(const std::string& hypothesis, const std::string& reference) const override {
    return {hypothesis == reference ? 1.0 : 0.0, 1.0};
  }
  double score_counts(std::span<const double> sums) const override { return sums[0] / sums[1]; }
  std::string signature() const override { return std::string("unit:share_of_sentences|case:mixed|version:sublayer-") + version(); }
};

SUBLAYER_REGISTER(Metric, ExactMatch, "exact_match", "share of hypotheses equal to their reference");

}  // namespace
}  // namespace sublayer::metric

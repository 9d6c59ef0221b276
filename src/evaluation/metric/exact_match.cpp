#include "src/core/errors.h"
#include "src/core/version.h"
#include "src/evaluation/metric/metric.h"

namespace sublayer::metric {
namespace {

// Share of hypotheses, 0 to 1, that are their reference, character by character: the accuracy of tasks with one right answer.
class ExactMatch final : public Metric {
 public:
  struct Options : config::Options {};
  explicit ExactMatch(const Options&) {}
  std::string name() const override { return "exact_match"; }
  bool needs_hypotheses() const override { return true; }
  bool higher_is_better() const override { return true; }

  double score(const Evidence& evidence) const override {
    const auto& hypotheses = evidence.hypotheses;
    if (hypotheses.empty()) throw DataError("exact_match: there is no hypothesis to score");
    if (hypotheses.size() != evidence.references.size()) {
      throw DataError("exact_match: got " + std::to_string(hypotheses.size()) + " hypotheses and " +
                      std::to_string(evidence.references.size()) + " references");
    }
    int64_t matches = 0;
    for (size_t i = 0; i < hypotheses.size(); ++i) matches += hypotheses[i] == evidence.references[i];
    return static_cast<double>(matches) / static_cast<double>(hypotheses.size());
  }

  std::vector<double> count(const std::string& hypothesis, const std::string& reference) const override {
    return {hypothesis == reference ? 1.0 : 0.0, 1.0};
  }
  double score_counts(std::span<const double> sums) const override { return sums[0] / sums[1]; }

  std::string signature() const override { return std::string("unit:share_of_sentences|case:mixed|version:sublayer-") + version(); }
};

SUBLAYER_REGISTER(Metric, ExactMatch, "exact_match", "share of hypotheses equal to their reference");

}  // namespace
}  // namespace sublayer::metric

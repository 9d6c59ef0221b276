#include "src/evaluation/edit_distance.h"

#include <cmath>

#include "src/core/errors.h"
#include "src/core/version.h"
#include "src/evaluation/metric/count_metric.h"

namespace sublayer::metric {
namespace {

// Edits that turn the hypotheses into their references, in percent of the references' words or characters: word or character error rate.
class EditDistance final : public CountMetric {
 public:
  struct Options : config::Options {
    std::string unit = "word";
    void fields(config::Fields& v) override {
      v.word("unit", unit, {"word", "character"}, "what is inserted, deleted or substituted: pieces between white space, or code points")
          .otherwise("character");
    }
  };
  explicit EditDistance(const Options& options)
      : unit_name_(options.unit), unit_(options.unit == "word" ? evaluation::EditUnit::word : evaluation::EditUnit::character) {}

  std::string name() const override { return "edit_distance"; }
  bool higher_is_better() const override { return false; }
  double score(const Evidence& evidence) const override {
    const auto sums = summed_counts(evidence);
    if (sums[1] == 0) throw DataError("edit_distance: the references have no " + unit_name_ + " to compare with");
    return score_counts(sums);
  }
  // Distance, length of the reference.
  std::vector<double> count(const std::string& hypothesis, const std::string& reference) const override {
    const auto counts = evaluation::count_edits(unit_, hypothesis, reference);
    return {static_cast<double>(counts.distance), static_cast<double>(counts.reference_length)};
  }
  double score_counts(std::span<const double> sums) const override {
    return evaluation::error_rate({.distance = std::llround(sums[0]), .reference_length = std::llround(sums[1])});
  }
  std::string signature() const override {
    return "unit:percent_of_reference_" + unit_name_ + "s|case:mixed|version:sublayer-" + version();
  }

 private:
  std::string unit_name_;
  evaluation::EditUnit unit_;
};

SUBLAYER_REGISTER(Metric, EditDistance, "edit_distance", "error rate: edits in percent of the references' words or characters");

}  // namespace
}  // namespace sublayer::metric

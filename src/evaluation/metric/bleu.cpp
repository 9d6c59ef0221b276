#include "src/evaluation/bleu.h"

#include <cmath>

#include "src/evaluation/metric/count_metric.h"

namespace sublayer::metric {
namespace {

// BLEU of the corpus, 0 to 100, as sacreBLEU computes it (Papineni et al. 2002, Post 2018).
class BleuMetric final : public CountMetric {
 public:
  struct Options : config::Options {
    std::string tokenize = evaluation::BleuOptions().tokenize;
    bool lowercase = evaluation::BleuOptions().lowercase;
    void fields(config::Fields& v) override {
      v.word("tokenize", tokenize, evaluation::bleu_tokenizer_names(),
             "sacreBLEU's name for how words are found; 13a for western languages")
          .otherwise("char");
      v("lowercase", lowercase, "ignore case").otherwise("true");
    }
  };
  explicit BleuMetric(const Options& options) : bleu_({.tokenize = options.tokenize, .lowercase = options.lowercase}) {}

  std::string name() const override { return "bleu"; }
  bool higher_is_better() const override { return true; }
  // Lengths of hypothesis and reference, then the matching and all n-grams of each order.
  std::vector<double> count(const std::string& hypothesis, const std::string& reference) const override {
    const std::string_view references[] = {reference};
    const auto statistics = bleu_.count(hypothesis, references);
    std::vector<double> counts = {static_cast<double>(statistics.hypothesis_length), static_cast<double>(statistics.reference_length)};
    for (const int64_t correct : statistics.correct) counts.push_back(static_cast<double>(correct));
    for (const int64_t total : statistics.total) counts.push_back(static_cast<double>(total));
    return counts;
  }
  double score_counts(std::span<const double> sums) const override {
    evaluation::BleuStatistics statistics;
    statistics.hypothesis_length = std::llround(sums[0]);
    statistics.reference_length = std::llround(sums[1]);
    for (int n = 0; n < evaluation::bleu_order; ++n) {
      statistics.correct[n] = std::llround(sums[2 + n]);
      statistics.total[n] = std::llround(sums[2 + evaluation::bleu_order + n]);
    }
    return bleu_.score(statistics).score;
  }
  std::string signature() const override { return bleu_.signature(); }

 private:
  evaluation::Bleu bleu_;
};

SUBLAYER_REGISTER(Metric, BleuMetric, "bleu", "n-gram precision with brevity penalty, as sacreBLEU computes it");

}  // namespace
}  // namespace sublayer::metric

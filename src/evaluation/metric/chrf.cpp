#include "src/evaluation/chrf.h"

#include <cmath>

#include "src/evaluation/metric/count_metric.h"

namespace sublayer::metric {
namespace {

// F-score of the n-grams of characters, 0 to 100, as sacreBLEU computes it (Popovic 2015); chrF++ with word_order 2 (Popovic 2017).
class ChrfMetric final : public CountMetric {
 public:
  struct Options : config::Options {
    evaluation::ChrfOptions values;
    void fields(config::Fields& v) override {
      v("char_order", values.char_order, "longest n-gram of characters").otherwise("3");
      v("word_order", values.word_order, "longest n-gram of words; 2 for chrF++").otherwise("2");
      v("beta", values.beta, "how many times as much recall counts as precision").otherwise("1");
      v("lowercase", values.lowercase, "ignore case").otherwise("true");
      v("whitespace", values.whitespace, "count white space as characters").otherwise("true");
    }
    void check(config::Checker& c) const override {
      c.require(values.char_order >= 0, "char_order", "must not be negative");
      c.require(values.word_order >= 0, "word_order", "must not be negative");
      c.require(values.char_order != 0 || values.word_order != 0, "char_order", "0 leaves no n-grams where word_order is 0 too");
      c.require(values.beta >= 0, "beta", "must not be negative");
    }
  };
  explicit ChrfMetric(const Options& options) : chrf_(options.values) {}

  std::string name() const override { return "chrf"; }
  bool higher_is_better() const override { return true; }
  // Of each order: n-grams of the hypothesis, of the reference, and matches.
  std::vector<double> count(const std::string& hypothesis, const std::string& reference) const override {
    std::vector<double> counts;
    for (const auto& order : chrf_.count(hypothesis, reference)) {
      for (const int64_t number : {order.hypothesis, order.reference, order.matches}) counts.push_back(static_cast<double>(number));
    }
    return counts;
  }
  double score_counts(std::span<const double> sums) const override {
    std::vector<evaluation::ChrfCounts> orders;
    for (size_t i = 0; i < sums.size(); i += 3) {
      orders.push_back({.hypothesis = std::llround(sums[i]), .reference = std::llround(sums[i + 1]), .matches = std::llround(sums[i + 2])});
    }
    return chrf_.score(orders);
  }
  std::string signature() const override { return chrf_.signature(); }

 private:
  evaluation::Chrf chrf_;
};

SUBLAYER_REGISTER(Metric, ChrfMetric, "chrf", "F-score of character n-grams, as sacreBLEU computes it; with word_order 2 chrF++");

}  // namespace
}  // namespace sublayer::metric

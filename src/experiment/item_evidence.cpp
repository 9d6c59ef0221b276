#include "src/experiment/item_evidence.h"

#include <algorithm>
#include <numeric>

#include "src/core/line_reader.h"
#include "src/evaluation/statistics/resampling.h"

namespace sublayer::experiment {
namespace {

statistics::ItemCounts counts_of(const std::vector<std::string>& hypotheses, const std::vector<std::string>& references,
                                 const metric::Metric& metric) {
  statistics::ItemCounts counts(metric.count(hypotheses.front(), references.front()).size());
  for (size_t i = 0; i < hypotheses.size(); ++i) counts.add(metric.count(hypotheses[i], references[i]));
  return counts;
}

size_t characters(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::optional<TestOutputs> test_outputs(const std::filesystem::path& arm, const std::filesystem::path& baseline, const Corpora& corpora) {
  const auto file = std::filesystem::path("hypotheses") / "test.txt";
  if (!std::filesystem::exists(arm / file) || !std::filesystem::exists(baseline / file)) return std::nullopt;
  TestOutputs outputs{{}, {}, read_lines(arm / file), read_lines(baseline / file)};
  const size_t size = corpora.test.examples.size();
  if (size == 0 || outputs.arm.size() != size || outputs.baseline.size() != size) return std::nullopt;
  for (const auto& example : corpora.test.examples) {
    outputs.sources.push_back(example.source);
    outputs.references.push_back(example.target);
  }
  return outputs;
}

std::optional<ItemTest> test_items(const TestOutputs& outputs, const metric::Metric& metric, int64_t resamples) {
  if (!metric.is_made_of_counts()) return std::nullopt;
  const auto arm = counts_of(outputs.arm, outputs.references, metric), baseline = counts_of(outputs.baseline, outputs.references, metric);
  const auto score = [&](std::span<const double> sums) { return metric.score_counts(sums); };
  const auto bootstrap = statistics::paired_bootstrap(arm, baseline, score, resamples, Noise(1)("bootstrap"));
  const auto swaps = statistics::approximate_randomisation(arm, baseline, score, resamples, Noise(1)("randomisation"));
  return ItemTest{"test." + metric.name(), bootstrap.difference, bootstrap.interval, bootstrap.p, swaps.p};
}

std::vector<Example> differing_examples(const TestOutputs& outputs, const metric::Metric& metric, const std::string& arm,
                                        const std::string& baseline, size_t each) {
  if (!metric.is_made_of_counts()) return {};
  const double better = metric.higher_is_better() ? 1 : -1;
  std::vector<double> gains;  // of the arm over the baseline: above 0 it does better
  for (size_t i = 0; i < outputs.sources.size(); ++i) {
    const auto score = [&](const std::string& text) { return metric.score_counts(metric.count(text, outputs.references[i])); };
    gains.push_back(better * (score(outputs.arm[i]) - score(outputs.baseline[i])));
  }
  std::vector<size_t> order(gains.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return gains[a] > gains[b]; });
  std::vector<Example> examples;
  const auto add = [&](size_t i) {
    examples.push_back(
        {outputs.sources[i], outputs.references[i], {{baseline, outputs.baseline[i]}, {arm, outputs.arm[i]}}, better * gains[i]});
  };
  for (size_t i = 0; i < order.size() && i < each && gains[order[i]] > 0; ++i) add(order[i]);
  for (size_t i = order.size(); i-- > 0 && order.size() - i <= each && gains[order[i]] < 0;) add(order[i]);
  return examples;
}

std::vector<std::pair<std::string, double>> scores_by_length(const std::vector<std::string>& sources,
                                                             const std::vector<std::string>& references,
                                                             const std::vector<std::string>& hypotheses, const metric::Metric& metric) {
  if (!metric.is_made_of_counts()) return {};
  std::vector<size_t> lengths;
  for (const auto& source : sources) lengths.push_back(characters(source));
  auto sorted = lengths;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::pair<std::string, double>> buckets;
  constexpr size_t groups = 4;
  size_t from = sorted.front();
  for (size_t group = 1; group <= groups; ++group) {
    const size_t to = sorted[group * (sorted.size() - 1) / groups];
    if (to < from) continue;
    std::vector<double> sums;
    for (size_t i = 0; i < sources.size(); ++i) {
      if (lengths[i] < from || lengths[i] > to) continue;
      const auto counts = metric.count(hypotheses[i], references[i]);
      sums.resize(counts.size());
      for (size_t k = 0; k < counts.size(); ++k) sums[k] += counts[k];
    }
    if (!sums.empty())
      buckets.emplace_back(from == to ? std::to_string(from) : std::to_string(from) + "-" + std::to_string(to), metric.score_counts(sums));
    from = to + 1;
  }
  return buckets;
}

}  // namespace sublayer::experiment

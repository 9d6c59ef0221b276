#include "src/experiment/evaluation.h"

#include <algorithm>

#include "src/core/clock.h"
#include "src/decoding/decoder.h"
#include "src/decoding/scorer.h"

namespace sublayer::experiment {

Evaluation evaluate(Seq2SeqModel& model, const task::Corpus& corpus, const data::Dataset& dataset, const tokenizer::Tokenizers& tokenizers,
                    const search::Search& search, const std::vector<std::shared_ptr<metric::Metric>>& metrics,
                    const decoding::BatchSettings& settings) {
  const double start = steady_seconds();
  const bool reads_text = std::any_of(metrics.begin(), metrics.end(), [](const auto& metric) { return metric->needs_hypotheses(); });
  const bool reads_likelihood = std::any_of(metrics.begin(), metrics.end(), [](const auto& metric) { return !metric->needs_hypotheses(); });
  metric::Evidence evidence;
  if (reads_likelihood) {
    auto silent = settings;
    silent.progress = {};
    const auto likelihood = decoding::likelihood_of(model, dataset, silent);
    evidence.negative_log_likelihood = likelihood.negative_log_likelihood;
    evidence.tokens = likelihood.tokens;
    evidence.correct_tokens = likelihood.correct_tokens;
  }
  if (reads_text) {
    for (const auto& hypotheses : decoding::decode_all(model, dataset.source, search, settings)) {
      evidence.hypotheses.push_back(tokenizers.target->decode(hypotheses.front().ids));
    }
    for (const auto& example : corpus.examples) evidence.references.push_back(example.target);
  }
  Evaluation evaluation;
  for (const auto& metric : metrics) evaluation.scores.push_back({metric->name(), metric->score(evidence), metric->signature()});
  evaluation.hypotheses = std::move(evidence.hypotheses);
  evaluation.seconds = steady_seconds() - start;
  return evaluation;
}

std::shared_ptr<metric::Metric> metric_of(const std::string& yaml, const std::string& origin) {
  Choice<metric::Metric> choice;
  config::ReadLog log;
  config::Node node = config::parse_text("metric: " + yaml, origin);
  config::bind(choice)->read(*node.find("metric"), {"metric", &log});
  return choice.build();
}

std::vector<std::shared_ptr<metric::Metric>> build_all(const std::vector<Choice<metric::Metric>>& choices) {
  std::vector<std::shared_ptr<metric::Metric>> metrics;
  for (const auto& choice : choices) metrics.push_back(choice.build());
  return metrics;
}

}  // namespace sublayer::experiment

#include "src/evaluation/bleu_report.h"

#include <nlohmann/json.hpp>

#include <istream>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace sublayer::evaluation {
namespace {

std::vector<double> segment_scores(const Bleu& bleu, Lines hypotheses, std::span<const Lines> references) {
  std::vector<double> scores;
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::string_view> segment_references;
    for (const Lines& lines : references) segment_references.push_back(lines[i]);
    scores.push_back(bleu.score(bleu.count(hypotheses[i], segment_references)).score);
  }
  return scores;
}

nlohmann::json bleu_answer(const nlohmann::json& request) {
  const std::set<std::string> known = {"hypotheses", "references", "tokenize", "lowercase", "effective_order", "segments"};
  for (const auto& [key, value] : request.items()) {
    if (!known.contains(key)) throw std::invalid_argument("unknown key '" + key + "'");
  }
  BleuOptions options;
  options.tokenize = request.value("tokenize", options.tokenize);
  options.lowercase = request.value("lowercase", options.lowercase);
  options.effective_order = request.value("effective_order", options.effective_order);
  const Bleu bleu(options);

  const auto hypotheses = request.at("hypotheses").get<std::vector<std::string>>();
  const auto streams = request.at("references").get<std::vector<std::vector<std::string>>>();
  const std::vector<Lines> references(streams.begin(), streams.end());
  nlohmann::json report = bleu_report(bleu, hypotheses, references);
  if (request.value("segments", false)) report["segment_scores"] = segment_scores(bleu, hypotheses, references);
  return report;
}

}  // namespace

nlohmann::json bleu_report(const Bleu& bleu, Lines hypotheses, std::span<const Lines> references) {
  const BleuScore result = bleu.corpus(hypotheses, references);
  return {{"score", result.score},
          {"signature", bleu.signature(std::ssize(references))},
          {"precisions", result.precisions},
          {"brevity_penalty", result.brevity_penalty},
          {"hypothesis_length", result.statistics.hypothesis_length},
          {"reference_length", result.statistics.reference_length},
          {"correct", result.statistics.correct},
          {"total", result.statistics.total}};
}

void answer_bleu_requests(std::istream& input, std::ostream& output) {
  std::string line;
  for (int64_t number = 1; std::getline(input, line); ++number) {
    try {
      output << bleu_answer(nlohmann::json::parse(line)).dump() << '\n';
    } catch (const std::exception& error) {
      throw std::invalid_argument("request " + std::to_string(number) + ": " + error.what());
    }
  }
}

}  // namespace sublayer::evaluation

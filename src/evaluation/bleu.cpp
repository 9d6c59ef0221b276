#include "src/evaluation/bleu.h"

#include "src/core/version.h"
#include "src/evaluation/text.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace sublayer::evaluation {
namespace {

using Tokens = std::vector<std::u32string_view>;

// N-grams of the references of one segment as a trie: a node is an n-gram, reached from its first n - 1 tokens by its
// last one. Tokens are views, so the texts behind them must outlive the trie.
class ReferenceNgrams {
 public:
  // An n-gram counts as often as it stands in the one reference that has it most often.
  void add(const Tokens& tokens) {
    std::vector<int64_t> counts(counts_.size(), 0);
    for (size_t start = 0; start < tokens.size(); ++start) {
      uint64_t node = root;
      for (size_t i = start; i < std::min(start + bleu_order, tokens.size()); ++i) {
        const uint64_t token = token_ids_.try_emplace(tokens[i], token_ids_.size()).first->second;
        node = children_.try_emplace(edge(node, token), children_.size() + 1).first->second;
        if (node >= counts.size()) counts.resize(node + 1, 0);
        ++counts[node];
      }
    }
    counts_.resize(std::max(counts_.size(), counts.size()), 0);
    for (size_t node = 0; node < counts.size(); ++node) counts_[node] = std::max(counts_[node], counts[node]);
  }

  // Matches for each order. Each match uses up one occurrence in the references, which is the clipping of BLEU.
  std::array<int64_t, bleu_order> match(const Tokens& tokens) const {
    std::array<int64_t, bleu_order> correct = {};
    std::vector<int64_t> unused = counts_;
    for (size_t start = 0; start < tokens.size(); ++start) {
      uint64_t node = root;
      for (size_t i = start; i < std::min(start + bleu_order, tokens.size()); ++i) {
        const auto token = token_ids_.find(tokens[i]);
        if (token == token_ids_.end()) break;
        const auto child = children_.find(edge(node, token->second));
        if (child == children_.end()) break;
        node = child->second;
        if (unused[node] == 0) continue;
        --unused[node];
        ++correct[i - start];
      }
    }
    return correct;
  }

 private:
  static constexpr uint64_t root = 0;
  static uint64_t edge(uint64_t node, uint64_t token) { return node << 32 | token; }

  std::unordered_map<std::u32string_view, uint64_t> token_ids_;
  std::unordered_map<uint64_t, uint64_t> children_;
  std::vector<int64_t> counts_;  // by node
};

double brevity_penalty(int64_t hypothesis_length, int64_t reference_length) {
  if (hypothesis_length >= reference_length) return 1;
  if (hypothesis_length == 0) return 0;
  return std::exp(1 - static_cast<double>(reference_length) / static_cast<double>(hypothesis_length));
}

bool is_closer_length(int64_t candidate, int64_t best, int64_t hypothesis_length) {
  const int64_t distance = std::abs(candidate - hypothesis_length);
  const int64_t best_distance = std::abs(best - hypothesis_length);
  return distance < best_distance || (distance == best_distance && candidate < best);
}

}  // namespace

BleuStatistics& BleuStatistics::operator+=(const BleuStatistics& other) {
  hypothesis_length += other.hypothesis_length;
  reference_length += other.reference_length;
  for (int n = 0; n < bleu_order; ++n) {
    correct[n] += other.correct[n];
    total[n] += other.total[n];
  }
  return *this;
}

Bleu::Bleu(const BleuOptions& options) : options_(options), tokenizer_(find_bleu_tokenizer(options.tokenize)) {}

std::u32string Bleu::separate(std::string_view text, std::string_view side) const {
  return tokenizer_.separate(strip_right(code_points_of(side, text, options_.lowercase)));
}

BleuStatistics Bleu::count(std::string_view hypothesis, std::span<const std::string_view> references) const {
  if (references.empty()) throw std::invalid_argument("BLEU needs at least one reference");
  const std::u32string hypothesis_text = separate(hypothesis, "hypothesis");
  const Tokens hypothesis_tokens = split(hypothesis_text);

  BleuStatistics statistics;
  statistics.hypothesis_length = std::ssize(hypothesis_tokens);
  std::vector<std::u32string> reference_texts;
  for (const std::string_view reference : references) reference_texts.push_back(separate(reference, "reference"));
  ReferenceNgrams ngrams;
  for (size_t k = 0; k < reference_texts.size(); ++k) {
    const Tokens tokens = split(reference_texts[k]);
    ngrams.add(tokens);
    if (k == 0 || is_closer_length(std::ssize(tokens), statistics.reference_length, statistics.hypothesis_length)) {
      statistics.reference_length = std::ssize(tokens);
    }
  }
  statistics.correct = ngrams.match(hypothesis_tokens);
  for (int n = 0; n < bleu_order; ++n) statistics.total[n] = std::max<int64_t>(0, statistics.hypothesis_length - n);
  return statistics;
}

BleuScore Bleu::score(const BleuStatistics& statistics) const {
  BleuScore result;
  result.statistics = statistics;
  result.brevity_penalty = brevity_penalty(statistics.hypothesis_length, statistics.reference_length);
  if (statistics.correct[0] == 0) return result;  // no match at any order: smoothing would invent a score

  int order = 0;
  double log_sum = 0;
  double smoothing = 1;
  for (; order < bleu_order && statistics.total[order] > 0; ++order) {
    double matches = static_cast<double>(statistics.correct[order]);
    if (matches == 0) {
      smoothing /= 2;
      matches = smoothing;
    }
    result.precisions[order] = 100 * matches / static_cast<double>(statistics.total[order]);
    log_sum += std::log(result.precisions[order]);
  }
  if (order < bleu_order && !options_.effective_order) return result;  // a corpus without one 4-gram scores 0
  result.score = result.brevity_penalty * std::exp(log_sum / order);
  return result;
}

BleuScore Bleu::corpus(Lines hypotheses, Lines references) const { return corpus(hypotheses, std::span(&references, 1)); }

BleuScore Bleu::corpus(Lines hypotheses, std::span<const Lines> references) const {
  if (hypotheses.empty()) throw std::invalid_argument("BLEU needs at least one segment");
  for (const Lines& lines : references) {
    if (lines.size() == hypotheses.size()) continue;
    throw std::invalid_argument("BLEU got " + std::to_string(hypotheses.size()) + " hypotheses and " + std::to_string(lines.size()) +
                                " references");
  }
  BleuStatistics sum;
  std::vector<std::string_view> segment_references(references.size());
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    for (size_t k = 0; k < references.size(); ++k) segment_references[k] = references[k][i];
    try {
      sum += count(hypotheses[i], segment_references);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("segment " + std::to_string(i) + ": " + error.what());
    }
  }
  return score(sum);
}

std::string Bleu::signature(int64_t num_references) const {
  return "nrefs:" + std::to_string(num_references) + "|case:" + (options_.lowercase ? "lc" : "mixed") +
         "|eff:" + (options_.effective_order ? "yes" : "no") + "|tok:" + std::string(tokenizer_.name) + "|smooth:exp|version:sublayer-" +
         version();
}

}  // namespace sublayer::evaluation

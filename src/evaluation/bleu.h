#pragma once

#include "src/evaluation/bleu_tokenizer.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sublayer::evaluation {

using Lines = std::span<const std::string>;

constexpr int bleu_order = 4;  // longest n-gram

struct BleuOptions {
  std::string tokenize = "13a";
  bool lowercase = false;        // lower-case both sides first
  bool effective_order = false;  // leave out orders longer than the hypothesis; for single sentences
};

// Counts that BLEU is computed from. Those of a corpus are the sum over its segments.
struct BleuStatistics {
  int64_t hypothesis_length = 0;                 // tokens
  int64_t reference_length = 0;                  // of the reference closest in length, the shorter one in a tie
  std::array<int64_t, bleu_order> correct = {};  // n-grams also in a reference, clipped; index n - 1
  std::array<int64_t, bleu_order> total = {};    // n-grams of the hypothesis

  BleuStatistics& operator+=(const BleuStatistics& other);
};

struct BleuScore {
  double score = 0;                                // 0..100
  std::array<double, bleu_order> precisions = {};  // 0..100, smoothed; all 0 if nothing matches
  double brevity_penalty = 1;                      // 0..1
  BleuStatistics statistics;
};

// BLEU = 100 * BP * exp(mean over n of log p_n), BP = min(1, exp(1 - r / h))   (Papineni et al. 2002)
// as sacreBLEU computes it (Post 2018), with its default smoothing "exp": the k-th p_n without a match counts 2^-k matches.
class Bleu {
 public:
  // Throws std::invalid_argument for an unknown tokenizer.
  explicit Bleu(const BleuOptions& options);

  // One segment against all its references (at least one). Texts are UTF-8 without tokenisation; throws
  // std::invalid_argument for ill-formed UTF-8.
  BleuStatistics count(std::string_view hypothesis, std::span<const std::string_view> references) const;

  BleuScore score(const BleuStatistics& statistics) const;

  // Throws std::invalid_argument if there is no segment or no reference, if the numbers of lines differ, or for
  // ill-formed UTF-8 (with the index of the segment, from 0, and its side).
  BleuScore corpus(Lines hypotheses, Lines references) const;

  // Several references for each hypothesis: references[k][i] is the k-th one of hypothesis i.
  BleuScore corpus(Lines hypotheses, std::span<const Lines> references) const;

  // What a score depends on, in sacreBLEU's form with the version of this program.
  std::string signature(int64_t num_references = 1) const;

 private:
  std::u32string separate(std::string_view text, std::string_view side) const;

  BleuOptions options_;
  BleuTokenizer tokenizer_;
};

}  // namespace sublayer::evaluation

#include "data/dataset.h"

#include <algorithm>
#include <iomanip>
#include <limits>
#include <sstream>

namespace sublayer::data {
namespace {

using Sentences = std::vector<std::vector<int64_t>>;

void describe_side(const char* side, const Sentences& sentences, int64_t vocabulary, std::ostream& out) {
  int64_t tokens = 0, longest = 0;
  for (const auto& sentence : sentences) {
    tokens += static_cast<int64_t>(sentence.size());
    longest = std::max(longest, static_cast<int64_t>(sentence.size()));
  }
  const double mean = sentences.empty() ? 0 : static_cast<double>(tokens) / static_cast<double>(sentences.size());
  out << side << ": " << tokens << " tokens, " << std::fixed << std::setprecision(1) << mean << " a sentence, longest " << longest
      << "; vocabulary " << vocabulary << ", " << std::setprecision(2) << 100 * unknown_share(sentences) << " % unknown\n";
}

void show(const std::vector<int64_t>& sentence, const tokenizer::Tokenizer& tokenizer, std::ostream& out) {
  for (size_t i = 0; i < sentence.size(); ++i) out << (i == 0 ? "" : " ") << tokenizer.piece(sentence[i]);
}

}  // namespace

void LengthLimits::fields(config::Fields& v) {
  v("max_source_length", max_source_length, "training pairs with more source tokens, the end symbol included, are left out and counted");
  v("max_target_length", max_target_length, "training pairs with more target tokens, the end symbol included, are left out and counted");
}

void LengthLimits::check(config::Checker& c) const {
  c.require(max_source_length > 1, "max_source_length", "must be at least 2: one token and the end symbol");
  c.require(max_target_length > 1, "max_target_length", "must be at least 2: one token and the end symbol");
}

LengthLimits LengthLimits::none() {
  LengthLimits limits;
  limits.max_source_length = limits.max_target_length = std::numeric_limits<int64_t>::max();
  return limits;
}

Dataset tokenize(const task::Corpus& corpus, const tokenizer::Tokenizers& tokenizers, const LengthLimits& limits,
                 std::vector<std::pair<std::string, int64_t>>& dropped) {
  Dataset dataset;
  int64_t long_sources = 0, long_targets = 0;
  for (const auto& example : corpus.examples) {
    auto source = tokenizers.source->encode(example.source);
    auto target = tokenizers.target->encode(example.target);
    if (static_cast<int64_t>(source.size()) >= limits.max_source_length) {
      ++long_sources;
    } else if (static_cast<int64_t>(target.size()) >= limits.max_target_length) {
      ++long_targets;
    } else {
      dataset.source.push_back(std::move(source));
      dataset.target.push_back(std::move(target));
    }
  }
  dropped.insert(dropped.end(), corpus.dropped.begin(), corpus.dropped.end());
  if (long_sources > 0) dropped.emplace_back("source longer than max_source_length", long_sources);
  if (long_targets > 0) dropped.emplace_back("target longer than max_target_length", long_targets);
  return dataset;
}

double unknown_share(const std::vector<std::vector<int64_t>>& sentences) {
  int64_t unknown = 0, all = 0;
  for (const auto& sentence : sentences) {
    unknown += std::count(sentence.begin(), sentence.end(), tokenizer::unknown_id);
    all += static_cast<int64_t>(sentence.size());
  }
  return all == 0 ? 0 : static_cast<double>(unknown) / static_cast<double>(all);
}

std::string describe_dataset(const Dataset& dataset, const tokenizer::Tokenizers& tokenizers,
                             const std::vector<std::pair<std::string, int64_t>>& dropped, int64_t shown_pairs) {
  std::ostringstream out;
  out << dataset.size() << " pairs\n";
  for (const auto& [rule, count] : dropped) out << "left out: " << count << " (" << rule << ")\n";
  describe_side("source", dataset.source, tokenizers.source->size(), out);
  describe_side("target", dataset.target, tokenizers.target->size(), out);
  for (int64_t i = 0; i < std::min(shown_pairs, dataset.size()); ++i) {
    out << "  ";
    show(dataset.source[i], *tokenizers.source, out);
    out << "  =>  ";
    show(dataset.target[i], *tokenizers.target, out);
    out << "\n";
  }
  return out.str();
}

}  // namespace sublayer::data

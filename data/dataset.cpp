#include "data/dataset.h"

#include <algorithm>
#include <iomanip>
#include <limits>
#include <sstream>

namespace sublayer::data {
namespace {

// Where a run of sentences in memory ends and the next begins: growing a larger one would hold it twice for a moment.
constexpr int64_t most_ids_of_a_block = int64_t{1} << 26;

struct TokenCounts {
  int64_t unknown = 0, longest = 0;
};

TokenCounts count_tokens(const Sentences& sentences) {
  TokenCounts counts;
  sentences.for_each([&](const Sentence& sentence) {
    for (int64_t i = 0; i < sentence.size(); ++i) counts.unknown += sentence[i] == tokenizer::unknown_id;
    counts.longest = std::max(counts.longest, sentence.size());
  });
  return counts;
}

double ratio(int64_t part, int64_t whole) { return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole); }

void describe_side(const char* side, const Sentences& sentences, int64_t vocabulary, std::ostream& out) {
  const auto counts = count_tokens(sentences);
  out << side << ": " << sentences.tokens() << " tokens, " << std::fixed << std::setprecision(1)
      << ratio(sentences.tokens(), sentences.size()) << " a sentence, longest " << counts.longest << "; vocabulary " << vocabulary << ", "
      << std::setprecision(2) << 100 * ratio(counts.unknown, sentences.tokens()) << " % unknown\n";
}

void show(const Sentence& sentence, const tokenizer::Tokenizer& tokenizer, std::ostream& out) {
  for (int64_t i = 0; i < sentence.size(); ++i) out << (i == 0 ? "" : " ") << tokenizer.piece(sentence[i]);
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

TokenizedPairs::TokenizedPairs(const tokenizer::Tokenizers& tokenizers)
    : source(std::make_shared<SentenceBlock>(tokenizers.source->size())),
      target(std::make_shared<SentenceBlock>(tokenizers.target->size())) {}

void TokenizedPairs::add(const task::Example& example, const tokenizer::Tokenizers& tokenizers, const LengthLimits& limits) {
  const auto source_ids = tokenizers.source->encode(example.source);
  const auto target_ids = tokenizers.target->encode(example.target);
  if (std::ssize(source_ids) >= limits.max_source_length) {
    ++long_sources;
  } else if (std::ssize(target_ids) >= limits.max_target_length) {
    ++long_targets;
  } else {
    source->add(source_ids);
    target->add(target_ids);
  }
}

void count_long(int64_t sources, int64_t targets, task::Dropped& dropped) {
  if (sources > 0) dropped.emplace_back("source longer than max_source_length", sources);
  if (targets > 0) dropped.emplace_back("target longer than max_target_length", targets);
}

Dataset tokenize(const task::Corpus& corpus, const tokenizer::Tokenizers& tokenizers, const LengthLimits& limits, task::Dropped& dropped) {
  Dataset dataset;
  int64_t long_sources = 0, long_targets = 0;
  for (auto example = corpus.examples.begin(); example != corpus.examples.end();) {
    TokenizedPairs pairs(tokenizers);
    while (example != corpus.examples.end() && pairs.source->tokens() + pairs.target->tokens() < most_ids_of_a_block)
      pairs.add(*example++, tokenizers, limits);
    dataset.source.append(SentenceBlock::run_of(pairs.source));
    dataset.target.append(SentenceBlock::run_of(pairs.target));
    long_sources += pairs.long_sources;
    long_targets += pairs.long_targets;
  }
  dropped.insert(dropped.end(), corpus.dropped.begin(), corpus.dropped.end());
  count_long(long_sources, long_targets, dropped);
  return dataset;
}

double unknown_share(const Sentences& sentences) { return ratio(count_tokens(sentences).unknown, sentences.tokens()); }

std::string describe_dataset(const Dataset& dataset, const tokenizer::Tokenizers& tokenizers, const task::Dropped& dropped,
                             int64_t shown_pairs) {
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

#include "src/evaluation/chrf.h"

#include "src/core/version.h"
#include "src/evaluation/text.h"

#include <stdexcept>
#include <unordered_map>

namespace sublayer::evaluation {
namespace {

// What n-grams are made of, as views into one text in its order.
using ChrfUnits = std::vector<std::u32string_view>;

std::u32string without_white_space(std::u32string_view text) {
  std::u32string joined;
  for (const auto piece : split(text)) joined += piece;
  return joined;
}

ChrfUnits characters_of(std::u32string_view text) {
  ChrfUnits units;
  for (size_t i = 0; i < text.size(); ++i) units.push_back(text.substr(i, 1));
  return units;
}

bool is_ascii_punctuation(char32_t c) {
  return (c >= U'!' && c <= U'/') || (c >= U':' && c <= U'@') || (c >= U'[' && c <= U'`') || (c >= U'{' && c <= U'~');
}

// One sign at the end of a word becomes a word; only where there is none, one at its beginning.
std::u32string with_separate_punctuation(std::u32string_view text) {
  std::u32string separated;
  const auto add = [&](std::u32string_view word) { separated.append(word).push_back(U' '); };
  for (const auto word : split(text)) {
    const size_t cut = word.size() == 1                     ? 0
                       : is_ascii_punctuation(word.back())  ? word.size() - 1
                       : is_ascii_punctuation(word.front()) ? 1
                                                            : 0;
    if (cut > 0) add(word.substr(0, cut));
    add(word.substr(cut));
  }
  return separated;
}

ChrfUnits chrf_ngrams(const ChrfUnits& units, size_t order) {
  ChrfUnits ngrams;
  for (size_t last = order - 1; last < units.size(); ++last) {
    const char32_t* begin = units[last + 1 - order].data();
    ngrams.emplace_back(begin, units[last].data() + units[last].size() - begin);
  }
  return ngrams;
}

ChrfCounts matched(const ChrfUnits& hypothesis, const ChrfUnits& reference) {
  std::unordered_map<std::u32string_view, int64_t> unused;
  for (const auto ngram : reference) ++unused[ngram];
  ChrfCounts counts;
  counts.hypothesis = reference.empty() ? 0 : std::ssize(hypothesis);
  counts.reference = std::ssize(reference);
  for (const auto ngram : hypothesis) {
    const auto found = unused.find(ngram);
    if (found == unused.end() || found->second == 0) continue;
    --found->second;
    ++counts.matches;
  }
  return counts;
}

void append_orders(std::vector<ChrfCounts>& orders, const ChrfUnits& hypothesis, const ChrfUnits& reference, int64_t longest) {
  for (int64_t order = 1; order <= longest; ++order)
    orders.push_back(matched(chrf_ngrams(hypothesis, order), chrf_ngrams(reference, order)));
}

}  // namespace

Chrf::Chrf(const ChrfOptions& options) : options_(options) {
  if (options.char_order < 0 || options.word_order < 0 || options.beta < 0) throw std::invalid_argument("chrF takes no negative options");
  if (options.char_order + options.word_order == 0) throw std::invalid_argument("chrF needs n-grams of characters or of words");
}

std::vector<ChrfCounts> Chrf::count(std::string_view hypothesis, std::string_view reference) const {
  const auto hypothesis_text = code_points_of("hypothesis", hypothesis, options_.lowercase);
  const auto reference_text = code_points_of("reference", reference, options_.lowercase);
  std::vector<ChrfCounts> orders;
  if (options_.char_order > 0) {
    const auto of_hypothesis = options_.whitespace ? hypothesis_text : without_white_space(hypothesis_text);
    const auto of_reference = options_.whitespace ? reference_text : without_white_space(reference_text);
    append_orders(orders, characters_of(of_hypothesis), characters_of(of_reference), options_.char_order);
  }
  if (options_.word_order > 0) {
    const auto of_hypothesis = with_separate_punctuation(hypothesis_text), of_reference = with_separate_punctuation(reference_text);
    append_orders(orders, split(of_hypothesis), split(of_reference), options_.word_order);
  }
  return orders;
}

double Chrf::score(const std::vector<ChrfCounts>& orders) const {
  double precision = 0, recall = 0;
  int64_t effective_orders = 0;
  for (const auto& counts : orders) {
    if (counts.hypothesis == 0 || counts.reference == 0) continue;
    precision += static_cast<double>(counts.matches) / static_cast<double>(counts.hypothesis);
    recall += static_cast<double>(counts.matches) / static_cast<double>(counts.reference);
    ++effective_orders;
  }
  if (precision + recall == 0) return 0;  // and where no order is effective
  precision /= static_cast<double>(effective_orders);
  recall /= static_cast<double>(effective_orders);
  const double factor = static_cast<double>(options_.beta) * static_cast<double>(options_.beta);
  return 100 * (1 + factor) * precision * recall / (factor * precision + recall);
}

std::string Chrf::signature() const {
  return std::string("nrefs:1|case:") + (options_.lowercase ? "lc" : "mixed") + "|eff:yes|nc:" + std::to_string(options_.char_order) +
         "|nw:" + std::to_string(options_.word_order) + "|space:" + (options_.whitespace ? "yes" : "no") +
         "|beta:" + std::to_string(options_.beta) + "|version:sublayer-" + version();
}

}  // namespace sublayer::evaluation

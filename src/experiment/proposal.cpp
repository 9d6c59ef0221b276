#include "src/experiment/proposal.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "src/core/errors.h"
#include "src/core/hash.h"
#include "src/core/line_reader.h"
#include "src/core/utf8.h"

namespace sublayer::experiment {
namespace {

constexpr int64_t looked_at = 1000;  // lines that decide about the columns

std::vector<std::string> split_at_tabs(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\t')
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) || c == '.' || c == '-'; });
}

bool is_han(char32_t c) { return c >= 0x4E00 && c <= 0x9FFF; }
bool is_kana(char32_t c) { return c >= 0x3040 && c <= 0x30FF; }

// What the first lines say of one column.
struct ColumnFacts {
  int64_t filled = 0, numbers = 0, licences = 0;
  std::set<std::string> distinct;
  bool is_text(int64_t lines) const {
    const auto share = [&](size_t count) { return static_cast<double>(count) / static_cast<double>(lines); };
    return share(filled) > 0.9 && share(numbers) < 0.1 && share(licences) < 0.5 && share(distinct.size()) > 0.3;
  }
};

struct SizeClass {
  int64_t below;  // pairs
  int64_t vocabulary, d_model, layers, heads, epochs;
  double dropout;
};

// Small data want small models and much dropout: with more, they are learned by heart.
constexpr SizeClass size_classes[] = {
    {5000, 1000, 64, 2, 4, 40, 0.3},     {30000, 4000, 128, 2, 4, 30, 0.3},     {150000, 8000, 256, 3, 4, 20, 0.2},
    {1000000, 8000, 256, 4, 4, 10, 0.1}, {INT64_MAX, 16000, 512, 6, 8, 5, 0.1},
};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

TableFacts inspect_table(const std::filesystem::path& file, std::optional<int64_t> source, std::optional<int64_t> target) {
  TableFacts facts;
  facts.file = file;
  std::vector<ColumnFacts> columns;
  {
    LineReader reader(file);
    std::string line;
    int64_t lines = 0;
    for (; lines < looked_at && reader.next(line); ++lines) {
      const auto cells = split_at_tabs(line);
      if (columns.size() < cells.size()) columns.resize(cells.size());
      for (size_t i = 0; i < cells.size(); ++i) {
        columns[i].filled += !cells[i].empty();
        columns[i].numbers += is_number(cells[i]);
        columns[i].licences += cells[i].find("CC-BY") != std::string::npos || cells[i].find("://") != std::string::npos;
        columns[i].distinct.insert(cells[i]);
      }
    }
    facts.columns = static_cast<int64_t>(columns.size());
    std::vector<int64_t> texts;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].is_text(lines)) texts.push_back(static_cast<int64_t>(i) + 1);
    }
    for (const auto& stated : {source, target}) {
      if (stated && (*stated < 1 || *stated > facts.columns))
        throw DataError(file.string() + ": has " + std::to_string(facts.columns) + " columns, no column " + std::to_string(*stated));
      std::erase(texts, stated.value_or(0));
    }
    const size_t wanted = !source + !target;
    if (texts.size() < wanted) {
      throw DataError(file.string() + ": no two columns of text found among " + std::to_string(facts.columns) +
                      " (separated by tabs); state them with --source and --target");
    }
    facts.source = source ? *source : texts.front();
    facts.target = target ? *target : texts[source ? 0 : 1];
    facts.notes.push_back(std::to_string(facts.columns) + " columns; source is column " + std::to_string(facts.source) +
                          ", target column " + std::to_string(facts.target) + (wanted == 2 ? ", the first two that hold text" : "") +
                          " (--source and --target choose others)");
  }
  LineReader reader(file);
  std::set<std::string> seen;  // hashes
  std::set<char32_t> characters;
  int64_t all = 0, han = 0, kana = 0, spaces = 0;  // of the target
  for (std::string line; reader.next(line);) {
    const auto cells = split_at_tabs(line);
    const size_t needed = static_cast<size_t>(std::max(facts.source, facts.target));
    if (cells.size() < needed || cells[facts.source - 1].empty() || cells[facts.target - 1].empty()) {
      ++facts.skipped;
      continue;
    }
    ++facts.pairs;
    const auto &from = cells[facts.source - 1], &to = cells[facts.target - 1];
    facts.duplicates += !seen.insert(hash_bytes(from + "\t" + to)).second;
    for (const char32_t c : decode_utf8(from + to)) characters.insert(c);
    for (const char32_t c : decode_utf8(to)) {
      ++all;
      han += is_han(c);
      kana += is_kana(c);
      spaces += c == U' ';
    }
  }
  facts.characters = static_cast<int64_t>(characters.size());
  if (20 * kana > all || (all > 0 && 50 * spaces < all && 5 * han <= all)) {
    facts.bleu_tokenizer = "char";
  } else if (5 * han > all) {
    facts.bleu_tokenizer = "zh";
  }
  return facts;
}

Proposal propose(const TableFacts& facts) {
  constexpr int64_t fewest_pairs = 100;
  if (facts.pairs < fewest_pairs) {
    throw DataError(facts.file.string() + ": has " + std::to_string(facts.pairs) + " pairs; training, validation and test need at least " +
                    std::to_string(fewest_pairs));
  }
  const auto& size = *std::find_if(std::begin(size_classes), std::end(size_classes), [&](const auto& c) { return facts.pairs < c.below; });
  Proposal proposal;
  proposal.valid = proposal.test = std::clamp<int64_t>(facts.pairs / 20, 20, 1000);
  // Every character is a piece of its own; without room beside them no word would be.
  const int64_t room = (facts.characters * 5 / 4 + 99) / 100 * 100;
  proposal.vocabulary = std::max(size.vocabulary, room);
  proposal.d_model = size.d_model;
  proposal.layers = size.layers;
  proposal.heads = size.heads;
  proposal.epochs = size.epochs;
  proposal.dropout = size.dropout;
  const std::string pairs = std::to_string(facts.pairs) + " pairs";
  proposal.reasons.push_back("splits: " + std::to_string(proposal.valid) +
                             " pairs each for validation and test, a twentieth, at most 1000; pairs that "
                             "share a sentence stay in one split, so that no test sentence was seen in training");
  proposal.reasons.push_back("vocabulary: " + std::to_string(proposal.vocabulary) + " subwords for both sides, " +
                             (proposal.vocabulary == room && room > size.vocabulary
                                  ? "for " + std::to_string(facts.characters) + " different characters"
                                  : "for " + pairs));
  proposal.reasons.push_back("model: d_model " + std::to_string(proposal.d_model) + ", " + std::to_string(proposal.layers) + " + " +
                             std::to_string(proposal.layers) + " layers, dropout " + number(proposal.dropout) + ", for " + pairs +
                             ": larger ones learn so few by heart");
  return proposal;
}

std::string config_text(const Proposal& p, const TableFacts& facts, const std::filesystem::path& folder) {
  const auto file = std::filesystem::proximate(std::filesystem::absolute(facts.file), std::filesystem::absolute(folder)).string();
  const auto n = [](auto value) { return std::to_string(value); };
  return "# Proposed for " + facts.file.filename().string() + ", " + n(facts.pairs) +
         " pairs. Every value may be changed: `sublayer explain` shows them all.\n"
         "seed: 1\n"
         "task:\n"
         "  type: parallel_text\n"
         "  train: {files: [\"" +
         file + "\"], source_columns: [" + n(facts.source) + "], target_columns: [" + n(facts.target) +
         "]}\n"
         "  split: {valid: " +
         n(p.valid) + ", test: " + n(p.test) +
         "}\n"
         "tokenizer: {type: sentencepiece, algorithm: unigram, vocabulary_size: " +
         n(p.vocabulary) +
         ", joint: true}\n"
         "model:\n"
         "  type: transformer\n"
         "  d_model: " +
         n(p.d_model) +
         "\n"
         "  embedding: {tie: all, scale: sqrt_d_model, dropout: " +
         number(p.dropout) +
         "}\n"
         "  position: sinusoidal\n"
         "  layer:\n"
         "    residual: pre\n"
         "    dropout: " +
         number(p.dropout) +
         "\n"
         "    attention: {type: multi_head, num_heads: " +
         n(p.heads) +
         "}\n"
         "    feed_forward: {type: dense, d_ff: " +
         n(4 * p.d_model) +
         ", activation: relu}\n"
         "  encoder: {num_layers: " +
         n(p.layers) +
         "}\n"
         "  decoder: {num_layers: " +
         n(p.layers) +
         "}\n"
         "loss: {type: cross_entropy, label_smoothing: 0.1}\n"
         "optimizer: {type: adam, learning_rate: 0.002, beta2: 0.98}\n"
         "schedule: {type: inverse_sqrt, warmup_updates: 400}\n"
         "training: {tokens_per_update: 2048, max_tokens_per_micro_batch: 1536, max_epochs: " +
         n(p.epochs) +
         ", clip_norm: 1.0}\n"
         "validation: {every_epochs: 1, patience: 5, metrics: [loss, {type: bleu, tokenize: " +
         facts.bleu_tokenizer +
         "}]}\n"
         "search: {type: beam, beam_size: 5, length_normalization: {type: power, alpha: 1.0}}\n";
}

std::string experiment_text(const std::string& name, int64_t max_updates) {
  return "question: Does the place of the norm matter on " + name +
         "?\n"
         "base: config.yaml\n"
         "budget: {max_updates: " +
         std::to_string(max_updates) +
         "}\n"
         "seeds: 3\n"
         "metric: valid.loss\n"
         "also: [test.bleu]\n"
         "axes:\n"
         "  placement:\n"
         "    pre: {}\n"
         "    post: {model.layer.residual: post}\n"
         "compare: {axis: placement, baseline: pre}\n"
         "equivalence_margin: 0.02\n";
}

}  // namespace sublayer::experiment

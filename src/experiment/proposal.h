#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sublayer::experiment {

// What was found in a table of sentence pairs, tab-separated, plain or .gz.
struct TableFacts {
  std::filesystem::path file;
  int64_t pairs = 0;       // lines whose two texts are not empty
  int64_t skipped = 0;     // lines with an empty text
  int64_t duplicates = 0;  // pairs that stand there before
  int64_t columns = 0;
  int64_t source = 0, target = 0;      // columns, from 1
  int64_t characters = 0;              // different ones on both sides
  std::string bleu_tokenizer = "13a";  // that fits the target: zh for Chinese, char for other text without spaces
  std::vector<std::string> notes;      // how the columns were found, one a line
};

// Finds the two columns of text: not numbers, not empty, and different from line to line. DataError where the file has no two of them,
// or where a stated column is not there.
TableFacts inspect_table(const std::filesystem::path& file, std::optional<int64_t> source, std::optional<int64_t> target);

// A config and an experiment for a table, with the reason of each choice.
struct Proposal {
  int64_t valid = 0, test = 0;  // pairs to draw
  int64_t vocabulary = 0, d_model = 0, layers = 0, heads = 0, epochs = 0;
  double dropout = 0;
  std::vector<std::string> reasons;
};
Proposal propose(const TableFacts& facts);

// Files of the proposal, to stand in `folder`.
std::string config_text(const Proposal& proposal, const TableFacts& facts, const std::filesystem::path& folder);
std::string experiment_text(const std::string& name, int64_t max_updates);

}  // namespace sublayer::experiment

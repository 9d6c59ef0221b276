#include "data/tokenizer/vocabulary.h"

#include <algorithm>

#include "data/tokenizer/tokenizer.h"
#include "src/core/errors.h"
#include "src/core/utf8.h"

namespace sublayer::tokenizer {
namespace {

constexpr const char* format = "sublayer-vocabulary";
constexpr const char* version = "1";

// Takes the text before the next `end` off the front; false where there is no `end`.
bool take_until(char end, std::string_view& text, std::string_view& taken) {
  const size_t at = text.find(end);
  if (at == std::string_view::npos) return false;
  taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return true;
}

}  // namespace

void Vocabulary::fill(const std::map<std::string, int64_t, std::less<>>& counts, int64_t min_count, int64_t max_size) {
  std::vector<std::pair<std::string, int64_t>> kept;
  for (const auto& entry : counts) {
    if (entry.second >= min_count) kept.push_back(entry);
  }
  std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  const auto most = static_cast<size_t>(std::max<int64_t>(max_size - num_special_ids, 0));
  if (max_size > 0 && kept.size() > most) kept.resize(most);
  tokens_.clear();
  ids_.clear();
  for (auto& [token, count] : kept) add(std::move(token));
}

void Vocabulary::add(std::string token) {
  ids_.emplace(token, size());
  tokens_.push_back(std::move(token));
}

std::string Vocabulary::save() const {
  std::string bytes = std::string(format) + " " + version + " " + kind_ + " " + std::to_string(tokens_.size()) + "\n";
  for (const auto& token : tokens_) bytes += token + "\n";
  return bytes;
}

void Vocabulary::load(const std::string& bytes, const std::string& name, bool (*is_token)(std::string_view)) {
  int64_t line_number = 1;
  const auto fail = [&](const std::string& what) { throw DataError(name + ":" + std::to_string(line_number) + ": " + what); };
  tokens_.clear();
  ids_.clear();

  std::string_view rest = bytes, line;
  const std::string expected = std::string(format) + " " + version + " " + kind_ + " ";
  if (!take_until('\n', rest, line) || !line.starts_with(expected)) {
    fail("no vocabulary of a " + kind_ + " tokenizer: expected a first line '" + expected + "COUNT'");
  }
  const std::string count(line.substr(expected.size()));
  while (!rest.empty()) {
    ++line_number;
    if (!take_until('\n', rest, line)) fail("truncated: the last line does not end");
    if (first_invalid_utf8(line)) fail("invalid UTF-8");
    if (!is_token(line)) fail("'" + std::string(line) + "' is no token of a " + kind_ + " tokenizer");
    if (ids_.contains(line)) fail("'" + std::string(line) + "' stands there twice");
    add(std::string(line));
  }
  if (count != std::to_string(tokens_.size())) {
    fail("truncated or edited: the first line promises " + count + " tokens, there are " + std::to_string(tokens_.size()));
  }
}

int64_t Vocabulary::size() const { return num_special_ids + static_cast<int64_t>(tokens_.size()); }

int64_t Vocabulary::id(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? unknown_id : found->second;
}

const std::string& Vocabulary::token(int64_t id) const { return tokens_.at(id - num_special_ids); }

std::string Vocabulary::piece(int64_t id) const {
  static constexpr const char* special[num_special_ids] = {"<pad>", "<unk>", "<s>", "</s>"};
  return id >= 0 && id < num_special_ids ? special[id] : token(id);
}

}  // namespace sublayer::tokenizer

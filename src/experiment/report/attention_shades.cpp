#include "src/experiment/report/inspection_view.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/visible_text.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace sublayer::experiment::reporting {
namespace {

constexpr std::string_view shades = " .:-=+*#%@";
constexpr size_t widest_text = 100, space_between_heads = 3;

char shade_of(double weight) {
  if (!std::isfinite(weight)) return '?';
  // A hair more, so that the root of 0.01 is not just below a tenth.
  const auto level = static_cast<size_t>(static_cast<double>(shades.size()) * strength_of_weight(weight) + 1e-6);
  return shades[std::min(level, shades.size() - 1)];
}

size_t width_of_head(const AttentionPicture& picture) {
  return std::max(static_cast<size_t>(picture.keys), ("head " + std::to_string(picture.heads - 1)).size());
}

// The index of each key from top to bottom, one line per digit: "          11" above "012345678901".
std::vector<std::string> column_numbers(int64_t keys) {
  std::vector<std::string> lines(std::to_string(keys - 1).size(), std::string(static_cast<size_t>(keys), ' '));
  for (int64_t key = 0; key < keys; ++key) {
    const std::string number = std::to_string(key);
    for (size_t i = 0; i < number.size(); ++i) lines[lines.size() - number.size() + i][static_cast<size_t>(key)] = number[i];
  }
  return lines;
}

std::vector<std::string> row_labels(const AttentionGroup& group, const AttentionPicture& picture) {
  std::vector<std::string> labels;
  const size_t digits = std::to_string(picture.queries - 1).size();
  for (int64_t query = 0; query < picture.queries; ++query) {
    labels.push_back("  " + padded_left(std::to_string(query), digits) + " " + piece_at(*group.queries, query) + " ");
  }
  size_t width = 0;
  for (const std::string& label : labels) width = std::max(width, display_width(label));
  for (std::string& label : labels) label = padded_right(label, width);
  return labels;
}

std::string without_trailing_spaces(std::string line) { return line.erase(line.find_last_not_of(' ') + 1) + "\n"; }

// Heads first to last (exclusive) beside each other.
std::string heads_beside(const AttentionPicture& picture, const std::vector<std::string>& labels, int64_t first, int64_t last) {
  const size_t width = width_of_head(picture) + space_between_heads;
  const std::string margin(display_width(labels[0]), ' ');
  std::string text = margin;
  for (int64_t head = first; head < last; ++head) text += padded_right("head " + std::to_string(head), width);
  text = without_trailing_spaces(text);
  for (const std::string& numbers : column_numbers(picture.keys)) {
    std::string line = margin;
    for (int64_t head = first; head < last; ++head) line += padded_right(numbers, width);
    text += without_trailing_spaces(line);
  }
  for (int64_t query = 0; query < picture.queries; ++query) {
    std::string line = labels[static_cast<size_t>(query)];
    for (int64_t head = first; head < last; ++head) {
      std::string cells;
      for (int64_t key = 0; key < picture.keys; ++key) cells += shade_of(picture.at(head, query, key));
      line += padded_right(cells, width);
    }
    text += without_trailing_spaces(line);
  }
  return text;
}

}  // namespace

std::string shade_legend() {
  std::string text = "A shade begins at a weight of:";
  for (size_t level = 1; level < shades.size(); ++level) {
    const double root = static_cast<double>(level) / static_cast<double>(shades.size());  // see strength_of_weight
    text += std::string("  ") + shades[level] + " " + fixed(root * root, 2);
  }
  return text + "\n";
}

std::string attention_text(const AttentionGroup& group) {
  std::string text = group.heading + "\n";
  if (!group.explanation.empty()) text += group.explanation + "\n";
  for (const AttentionPicture* picture : group.pictures) {
    text += "\n" + visible_text(picture->module) + "\n";
    const std::vector<std::string> labels = row_labels(group, *picture);
    const size_t margin = display_width(labels[0]), width = width_of_head(*picture) + space_between_heads;
    const auto fitting =
        static_cast<int64_t>(std::max<size_t>(1, (widest_text + space_between_heads - std::min(margin, widest_text)) / width));
    const int64_t bands = (picture->heads + fitting - 1) / fitting, beside = (picture->heads + bands - 1) / bands;
    for (int64_t head = 0; head < picture->heads; head += beside)
      text += heads_beside(*picture, labels, head, std::min(picture->heads, head + beside));
  }
  return text;
}

}  // namespace sublayer::experiment::reporting

#include "src/experiment/report/table.h"
#include "src/experiment/report/visible_text.h"

#include <algorithm>

namespace sublayer::experiment::reporting {
namespace {

constexpr const char* column_gap = "  ";

std::string terminal_row(const TextTable& table, const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool is_number = table.columns[i].kind == TextTable::Kind::number;
    line += column_gap + (is_number ? padded_left(cells[i], widths[i]) : padded_right(cells[i], widths[i]));
  }
  return line.erase(line.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace

std::string terminal_table(const TextTable& table) {
  std::vector<std::vector<std::string>> rows(1);
  for (const TextTable::Column& column : table.columns) rows[0].push_back(column.title);
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  std::vector<size_t> widths(table.columns.size());
  for (auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = visible_text(row[i]);
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) text += terminal_row(table, row, widths);
  return text;
}

}  // namespace sublayer::experiment::reporting

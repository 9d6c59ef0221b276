#include "src/experiment/report/table.h"

#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"

#include <algorithm>

namespace sublayer::experiment::reporting {
namespace {

std::string css_name(const std::string& verdict) {
  std::string name = "verdict";
  // "worse within the margin" looks as weak as "undecided"; only the four plain verdicts have a look of their own.
  for (const char* plain : {"better", "worse", "equivalent", "baseline"}) {
    if (verdict == plain) (name += ' ') += plain;
  }
  return name;
}

std::string html_cell(const TextTable::Column& column, const std::string& cell, bool is_head) {
  if (is_head) return "<th scope=\"row\">" + escape_html(cell) + "</th>";
  std::string css = column.kind == TextTable::Kind::number ? "number" : column.kind == TextTable::Kind::verdict ? css_name(cell) : "";
  if (css.empty() && cell.size() <= 24) css = "short";
  return (css.empty() ? "<td>" : "<td class=\"" + css + "\">") + escape_html(cell) + "</td>";
}

}  // namespace

void TextTable::drop_empty_columns() {
  for (size_t i = columns.size(); i-- > 0;) {
    const auto is_empty = [&](const std::vector<std::string>& row) { return row[i].empty() || row[i] == absent; };
    if (!std::all_of(rows.begin(), rows.end(), is_empty)) continue;
    columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(i));
    for (auto& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// A column "Stratum" in front becomes a row above each group.
std::string html_table(const TextTable& table, const std::string& label) {
  const size_t first = !table.columns.empty() && table.columns[0].title == "Stratum" ? 1 : 0;
  std::string html =
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" + escape_html(label) + "\">\n<table>\n<thead><tr>";
  for (size_t i = first; i < table.columns.size(); ++i) {
    html += std::string("<th scope=\"col\"") + (table.columns[i].kind == TextTable::Kind::number ? " class=\"number\">" : ">") +
            escape_html(table.columns[i].title) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  std::string previous;
  for (const auto& row : table.rows) {
    if (first == 1 && row[0] != previous) {
      html += "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"" + std::to_string(row.size() - 1) + "\"><span>" + escape_html(row[0]) +
              "</span></th></tr>\n";
      previous = row[0];
    }
    html += "<tr>";
    for (size_t i = first; i < row.size(); ++i) html += html_cell(table.columns[i], row[i], i == first);
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table>\n</div>\n";
}

std::string markdown_table(const TextTable& table) {
  std::string head = "|", rule = "|", body;
  for (const TextTable::Column& column : table.columns) {
    head += " " + escape_markdown(column.title) + " |";
    rule += column.kind == TextTable::Kind::number ? "---:|" : "---|";
  }
  for (const auto& row : table.rows) {
    body += "|";
    for (const std::string& cell : row) body += " " + escape_markdown(cell) + " |";
    body += "\n";
  }
  return head + "\n" + rule + "\n" + body;
}

std::string latex_tabular(const TextTable& table) {
  std::string alignment, head, body;
  for (const TextTable::Column& column : table.columns) {
    alignment += column.kind == TextTable::Kind::number ? 'r' : 'l';
    head += (head.empty() ? "" : " & ") + escape_latex(column.title);
  }
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) body += (i == 0 ? "" : " & ") + escape_latex(row[i]);
    body += " \\\\\n";
  }
  return "\\begin{tabular}{@{}" + alignment + "@{}}\n\\toprule\n" + head + " \\\\\n\\midrule\n" + body + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace sublayer::experiment::reporting

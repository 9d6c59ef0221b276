#include "src/experiment/report/escape.h"
#include "src/experiment/report/inspection_view.h"
#include "src/experiment/report/numbers.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

constexpr size_t columns_before_norms = 3;

double largest_norm(const std::vector<NormColumn>& columns) {
  double largest = 0;
  for (const NormColumn& column : columns) {
    for (const double norm : column.norms) largest = std::isfinite(norm) ? std::max(largest, norm) : largest;
  }
  return largest;
}

std::string norm_cell(const std::string& words, double norm, double largest) {
  const double part = std::isfinite(norm) && largest > 0 ? norm / largest : 0;
  return "<td class=\"number norm\" style=\"--part:" + coordinate(part) + "\">" + words + "</td>";
}

}  // namespace

std::string token_figure(const InspectedSide& side, const std::string& label) {
  const TextTable table = token_table(side);
  const std::vector<NormColumn> columns = norm_columns(side);
  const double largest = largest_norm(columns);
  std::string html = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" + escape_html(label) +
                     "\">\n<table class=\"tokens\">\n<thead><tr>";
  for (const TextTable::Column& column : table.columns) {
    html += std::string("<th scope=\"col\"") + (column.kind == TextTable::Kind::number ? " class=\"number\">" : ">") +
            escape_html(column.title) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const std::vector<std::string>& row = table.rows[i];
    html += "<tr><td class=\"number soft\">" + row[0] + "</td><th scope=\"row\">" + piece_html(row[1]) + "</th><td class=\"number soft\">" +
            row[2] + "</td>";
    for (size_t j = 0; j < columns.size(); ++j) html += norm_cell(row[columns_before_norms + j], columns[j].norms[i], largest);
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table>\n</div>\n";
}

}  // namespace sublayer::experiment::reporting

#include "src/experiment/report/escape.h"
#include "src/experiment/report/inspection_view.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/visible_text.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

constexpr size_t steps_shown_open = 12;

std::string prefix_html(const FollowedRow& row) {
  if (row.pieces.empty()) return "<span class=\"soft\">(begin)</span>";
  std::string html;
  for (size_t i = 0; i + 1 < row.pieces.size(); ++i) html += escape_html(visible_text(row.pieces[i])) + " ";
  return "<bdi>" + html + "<b>" + escape_html(visible_text(row.pieces.back())) + "</b></bdi>";
}

std::string next_html(const Inspection& inspection, size_t step, const FollowedRow& row) {
  std::string html = "<ul class=\"next\">";
  for (const ProbableToken& token : row.next) {
    const double part = std::isfinite(token.probability) ? std::clamp(token.probability, 0.0, 1.0) : 0;
    html += std::string("<li class=\"") + (is_followed(inspection, step, row, token) ? "followed\"" : "token\"") +
            " style=\"--part:" + plain(part) + "\">" + piece_html(token.piece) + " <span>" + fixed(token.probability, 3) + "</span></li>";
  }
  return html + "</ul>";
}

std::string step_html(const Inspection& inspection, size_t step) {
  const std::vector<FollowedRow>& rows = inspection.steps[step];
  std::string html = std::string("<details class=\"step\"") + (step < steps_shown_open ? " open" : "") + ">\n<summary>Step " +
                     std::to_string(step + 1) + "</summary>\n<ol class=\"beam\">\n";
  for (const FollowedRow& row : rows) {
    html += "<li><div class=\"prefix\"><div>" + prefix_html(row) + "</div><span class=\"soft\">" + fixed(row.log_probability, 3) +
            "</span></div>" + next_html(inspection, step, row) + "</li>\n";
  }
  return html + "</ol>\n</details>\n";
}

}  // namespace

std::string search_steps_figure(const Inspection& inspection) {
  std::string html = std::string("<p>") + how_steps_are_read + " The search goes on with those that are set bold.</p>\n";
  for (size_t step = 0; step < inspection.steps.size(); ++step) html += step_html(inspection, step);
  return html;
}

}  // namespace sublayer::experiment::reporting

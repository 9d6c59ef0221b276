#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/plots.h"
#include "src/experiment/report/scale.h"
#include "src/experiment/report/summary.h"
#include "src/experiment/report/svg.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace sublayer::experiment::reporting {
namespace {

constexpr double seeds_width = 400, seeds_left = 12, seeds_right = 388, seeds_row = 46;

Scale value_scale(const Findings& findings) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const ArmFindings& arm : findings.arms) {
    for (const RunFindings& run : arm.runs) {
      if (!finite(run.value)) continue;
      low = std::min(low, *run.value);
      high = std::max(high, *run.value);
    }
  }
  return scale_around(low, high, seeds_left, seeds_right);
}

// Lines from arm to arm for one seed: where they run in parallel, the seed explains much and pairing helps.
std::string seed_lines(const std::vector<const ArmFindings*>& arms, const Scale& scale) {
  std::map<int64_t, std::vector<std::pair<double, double>>> lines;
  for (size_t i = 0; i < arms.size(); ++i) {
    for (const RunFindings& run : arms[i]->runs) {
      if (finite(run.value)) lines[run.seed].emplace_back(scale.at(*run.value), 26 + seeds_row * static_cast<double>(i));
    }
  }
  std::string marks;
  for (const auto& [seed, points] : lines) {
    if (points.size() < 2) continue;
    marks += svg::element("path", {{"d", svg::path_through(points)}, {"class", "pair"}}, svg::title("seed " + std::to_string(seed)));
  }
  return marks;
}

std::string arm_marks(const ArmFindings& arm, const Scale& scale, size_t series, double y, int decimals) {
  std::string marks;
  const Spread spread = primary_spread(arm);
  if (spread.count > 1) marks += svg::line(scale.at(spread.mean), y - 9, scale.at(spread.mean), y + 9, "mean " + svg::series_class(series));
  for (const RunFindings& run : arm.runs) {
    if (!finite(run.value)) continue;
    marks += svg::marker(series, scale.at(*run.value), y, 4, "seed",
                         svg::title(arm_label(arm) + ", seed " + std::to_string(run.seed) + ": " + fixed(*run.value, decimals)));
  }
  return marks;
}

std::string stratum_drawing(const Findings& findings, const std::string& stratum, const Scale& scale, size_t number) {
  const auto arms = arms_of(findings, stratum);
  const auto series = series_of_levels(findings);
  const int decimals = primary_decimals(findings);
  const double bottom = 4 + seeds_row * static_cast<double>(arms.size());
  const std::string id = "seeds-title-" + std::to_string(number);
  std::string marks = svg::element("title", {{"id", id}}, escape_html("Value of each seed" + (stratum.empty() ? "" : ", " + stratum)));
  for (const Tick& tick : ticks(scale, 5)) {
    marks += svg::line(scale.at(tick.value), 4, scale.at(tick.value), bottom, "grid") +
             svg::text(scale.at(tick.value), bottom + 15, "tick middle", tick.label);
  }
  marks += svg::line(seeds_left, bottom, seeds_right, bottom, "axis") + seed_lines(arms, scale);
  for (size_t i = 0; i < arms.size(); ++i) {
    const double y = seeds_row * static_cast<double>(i);
    const std::string lost = losses(*arms[i]);
    const double room = seeds_right - seeds_left - (lost.empty() ? 0 : 6.5 * static_cast<double>(lost.size()) + 14);
    marks += "\n" + arm_marks(*arms[i], scale, series.at(arm_label(*arms[i])), y + 26, decimals) +
             svg::text(seeds_left, y + 14, "label halo", fit_text(arm_label(*arms[i]), room, 12)) +
             (lost.empty() ? "" : svg::text(seeds_right, y + 14, "side halo end", lost));
  }
  const std::string size = "0 0 " + coordinate(seeds_width) + " " + coordinate(bottom + 24);
  return (stratum.empty() ? "" : "<h3>" + escape_html(stratum) + "</h3>\n") +
         svg::element("svg", {{"viewBox", size}, {"class", "drawing"}, {"role", "img"}, {"aria-labelledby", id}}, marks);
}

}  // namespace

std::string seed_figure(const Findings& findings) {
  const bool has_values =
      std::any_of(findings.arms.begin(), findings.arms.end(), [](const ArmFindings& arm) { return primary_spread(arm).count > 0; });
  if (!has_values) return nothing_to_show("No run has a value of " + findings.metric + ", so there are no seeds to draw.");
  const Scale scale = value_scale(findings);
  std::string panels;
  size_t number = 0;
  for (const std::string& stratum : strata(findings)) {
    panels += "<div class=\"panel\">\n" + stratum_drawing(findings, stratum, scale, ++number) + "\n</div>\n";
  }
  return "<figure class=\"seeds\">\n<div class=\"panels\">\n" + panels + "</div>\n<figcaption>" +
         escape_html(findings.metric + " of each run. Thin lines join runs with the same seed, an upright stroke is the mean of an arm.") +
         "</figcaption>\n</figure>\n";
}

}  // namespace sublayer::experiment::reporting

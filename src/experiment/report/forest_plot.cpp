#include "src/core/utf8.h"
#include "src/experiment/report/decision.h"
#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/plots.h"
#include "src/experiment/report/report.h"
#include "src/experiment/report/scale.h"
#include "src/experiment/report/style.h"
#include "src/experiment/report/summary.h"
#include "src/experiment/report/svg.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment {
namespace reporting {
namespace {

constexpr double forest_width = 480, forest_left = 14, forest_right = 466, forest_row = 40, forest_stratum = 26;

struct ForestRow {
  const ComparisonFindings* comparison = nullptr;
  size_t series = 0;
};

std::vector<ForestRow> forest_rows(const Findings& findings) {
  std::vector<ForestRow> rows;
  const auto series = series_of_levels(findings);
  for (const ComparisonFindings& comparison : findings.comparisons) {
    const bool is_finite =
        std::isfinite(comparison.difference) && std::isfinite(comparison.interval.low) && std::isfinite(comparison.interval.high);
    if (!comparison.has_difference || !is_finite) continue;
    const auto place = series.find(comparison.arm);
    rows.push_back({&comparison, place == series.end() ? 1 : place->second});
  }
  return rows;
}

// An interval over two seeds may be a hundred times as long as the others: it is cut off where it would make them invisible.
Scale difference_scale(const std::vector<ForestRow>& rows, double margin) {
  std::vector<double> reaches;
  double low = -margin, high = margin, lowest = 0, highest = 0;
  for (const auto& [comparison, series] : rows) {
    reaches.push_back(
        std::max({std::abs(comparison->interval.low), std::abs(comparison->interval.high), std::abs(comparison->difference)}));
    low = std::min(low, comparison->difference);
    high = std::max(high, comparison->difference);
    lowest = std::min(lowest, comparison->interval.low);
    highest = std::max(highest, comparison->interval.high);
  }
  std::nth_element(reaches.begin(), reaches.begin() + reaches.size() / 2, reaches.end());
  const double longest = 3 * std::max(reaches[reaches.size() / 2], margin);
  return scale_around(std::min(low, std::max(lowest, -longest)), std::max(high, std::min(highest, longest)), forest_left, forest_right,
                      0.04);
}

std::string clipped_end(double x, double y, double outward) {
  const double tip = x + 5 * outward;
  return svg::element("polygon", {{"points", coordinate(tip) + "," + coordinate(y) + " " + coordinate(x) + "," + coordinate(y - 4) + " " +
                                                 coordinate(x) + "," + coordinate(y + 4)},
                                  {"class", "clipped"}});
}

std::string drawn_interval(const ForestRow& row, const Scale& scale, double y, int decimals, const std::string& interval_words) {
  const ComparisonFindings& comparison = *row.comparison;
  const double low = std::max(comparison.interval.low, scale.low), high = std::min(comparison.interval.high, scale.high);
  std::string marks = svg::line(scale.at(low), y, scale.at(high), y, "interval " + svg::series_class(row.series));
  if (low > comparison.interval.low) marks += clipped_end(scale.at(low), y, -1);
  if (high < comparison.interval.high) marks += clipped_end(scale.at(high), y, 1);
  return marks + svg::marker(row.series, scale.at(comparison.difference), y, 5, "estimate",
                             svg::title(comparison.arm + " minus " + comparison.baseline + ": " +
                                        signed_fixed(comparison.difference, decimals) + ", " + interval_words));
}

// The baseline that all comparisons share; empty if there are several.
std::string shared_baseline(const std::vector<ForestRow>& rows) {
  const std::string& first = rows[0].comparison->baseline;
  const bool is_shared = std::all_of(rows.begin(), rows.end(), [&](const ForestRow& row) { return row.comparison->baseline == first; });
  return is_shared ? first : "";
}

std::string drawn_row(const ForestRow& row, const Scale& scale, double y, int decimals, bool names_baseline) {
  const ComparisonFindings& comparison = *row.comparison;
  const std::string interval =
      "[" + signed_fixed(comparison.interval.low, decimals) + ", " + signed_fixed(comparison.interval.high, decimals) + "]";
  const std::string numbers = signed_fixed(comparison.difference, decimals) + " " + interval;
  // Sizes are those of a phone, where the style sheet sets the letters larger.
  const double numbers_width = 8.3 * static_cast<double>(decode_utf8(numbers).size()) + 10;
  const std::string label = comparison.arm + (names_baseline ? " \u2212 " + comparison.baseline : "");
  return svg::text(forest_left, y, "label halo", fit_text(label, std::max(forest_right - forest_left - numbers_width, 120.0), 14.5)) +
         svg::text(forest_right, y, "value halo end", numbers) + drawn_interval(row, scale, y + 14, decimals, interval) + "\n";
}

std::string difference_axis(const Findings& findings, const Scale& scale, double top, double bottom, const std::string& baseline) {
  std::string marks;
  for (const Tick& tick : ticks(scale, 6)) {
    marks += svg::line(scale.at(tick.value), bottom, scale.at(tick.value), bottom + 4, "axis") +
             svg::text(scale.at(tick.value), bottom + 18, "tick middle", tick.label);
  }
  marks += svg::line(forest_left, bottom, forest_right, bottom, "axis") + svg::line(scale.at(0), top, scale.at(0), bottom, "zero");
  const std::string arm_better = "\u2190 arm better", baseline_better = "baseline better \u2192";
  const std::string arm_better_right = "arm better \u2192", baseline_better_left = "\u2190 baseline better";
  marks += svg::text(forest_left, bottom + 36, "side", findings.higher_is_better ? baseline_better_left : arm_better);
  marks += svg::text(forest_right, bottom + 36, "side end", findings.higher_is_better ? arm_better_right : baseline_better);
  const std::string words = findings.metric + ", arm minus " + (baseline.empty() ? "baseline" : baseline) + ", " + interval_name(findings);
  return marks + svg::text(forest_width / 2, bottom + 54, "side middle", fit_text(words, forest_right - forest_left, 11));
}

}  // namespace

std::string forest_drawing(const Findings& findings, bool stands_alone) {
  const std::vector<ForestRow> rows = forest_rows(findings);
  if (rows.empty()) return "";
  const double margin = finite(findings.margin).value_or(0);
  const Scale scale = difference_scale(rows, margin);
  const int decimals = primary_decimals(findings);
  const std::string baseline = shared_baseline(rows);
  const double top = stands_alone ? 34 : 8;

  std::string marks, previous;
  double y = top;
  for (const ForestRow& row : rows) {
    const std::string& stratum = row.comparison->stratum;
    if (!stratum.empty() && (previous != stratum || y == top)) {
      marks += svg::text(forest_left, y + 16, "stratum halo", fit_text(stratum, forest_right - forest_left, 13));
      y += forest_stratum;
      previous = stratum;
    }
    marks += drawn_row(row, scale, y + 14, decimals, baseline.empty());
    y += forest_row;
  }
  const double bottom = y + 2, height = bottom + 64;
  std::string band;
  if (margin > 0) {
    band = svg::element("rect",
                        {{"x", scale.at(-margin)},
                         {"y", top},
                         {"width", scale.at(margin) - scale.at(-margin)},
                         {"height", bottom - top},
                         {"class", "margin"}},
                        svg::title("margin of equivalence: \u00b1" + significant(margin, 4)));
  }
  std::string head = svg::element("title", {{"id", "forest-title"}}, escape_html("Differences from the baseline in " + findings.metric));
  if (stands_alone) {
    head += "<style>" + drawing_style() + "</style>" +
            svg::element("rect", {{"width", forest_width}, {"height", height}, {"class", "paper"}}) +
            svg::text(forest_left, 22, "heading", fit_text(findings.name, forest_right - forest_left, 15));
  }
  const std::string size = "0 0 " + coordinate(forest_width) + " " + coordinate(height);
  const std::string content = head + band + difference_axis(findings, scale, top, bottom, baseline) + "\n" + marks;
  if (!stands_alone) {
    return svg::element("svg", {{"viewBox", size}, {"class", "drawing"}, {"role", "img"}, {"aria-labelledby", "forest-title"}}, content);
  }
  return svg::element("svg",
                      {{"xmlns", "http://www.w3.org/2000/svg"},
                       {"viewBox", size},
                       {"width", forest_width},
                       {"height", height},
                       {"class", "drawing"},
                       {"role", "img"},
                       {"aria-labelledby", "forest-title"}},
                      content);
}

std::string forest_figure(const Findings& findings) {
  const std::string drawing = forest_drawing(findings, false);
  if (drawing.empty()) return nothing_to_show("There is no difference to draw: no comparison has enough runs with a value in both arms.");
  std::string caption = "Difference of each arm from its baseline in " + findings.metric + " (" + direction(findings) + "), with its " +
                        interval_name(findings) + ".";
  if (findings.margin) caption += " The band is the margin of equivalence, \u00b1" + significant(*findings.margin, 4) + ".";
  if (drawing.find("class=\"clipped\"") != std::string::npos) caption += " An arrowhead marks an interval that is longer than the drawing.";
  return "<figure class=\"forest\">\n" + drawing + "\n<figcaption>" + escape_html(caption) + "</figcaption>\n</figure>\n";
}

}  // namespace reporting

std::string forest_plot_svg(const Findings& findings) {
  const std::string drawing = reporting::forest_drawing(findings, true);
  if (!drawing.empty()) return drawing + "\n";
  namespace svg = reporting::svg;
  return svg::element("svg",
                      {{"xmlns", "http://www.w3.org/2000/svg"},
                       {"viewBox", "0 0 480 60"},
                       {"width", 480.0},
                       {"height", 60.0},
                       {"role", "img"},
                       {"class", "drawing"}},
                      svg::title("No differences") + "<style>" + reporting::drawing_style() + "</style>" +
                          svg::element("rect", {{"width", 480.0}, {"height", 60.0}, {"class", "paper"}}) +
                          svg::text(14, 34, "label", "No comparison has enough runs with a value in both arms.")) +
         "\n";
}

}  // namespace sublayer::experiment

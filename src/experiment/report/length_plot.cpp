#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/plots.h"
#include "src/experiment/report/scale.h"
#include "src/experiment/report/summary.h"
#include "src/experiment/report/svg.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

constexpr double lengths_width = 400, lengths_left = 46, lengths_right = 388, lengths_top = 8, lengths_bottom = 210;

struct LengthSeries {
  const LengthScores* scores = nullptr;
  std::string stratum, label;
  size_t series = 1;
};

std::vector<LengthSeries> series_of_metric(const Findings& findings, const std::string& metric) {
  const auto series = series_of_levels(findings);
  std::vector<LengthSeries> result;
  for (const LengthScores& scores : findings.lengths) {
    if (scores.metric != metric) continue;
    const auto arm = std::find_if(findings.arms.begin(), findings.arms.end(), [&](const ArmFindings& a) { return a.name == scores.arm; });
    if (arm == findings.arms.end())
      result.push_back({&scores, "", scores.arm, 1});
    else
      result.push_back({&scores, arm->stratum, arm_label(*arm), series.at(arm_label(*arm))});
  }
  return result;
}

// In the order of the first arm that has each bucket.
std::vector<std::string> bucket_names(const std::vector<LengthSeries>& all) {
  std::vector<std::string> names;
  for (const LengthSeries& one : all) {
    for (const auto& [name, score] : one.scores->buckets) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

Scale score_scale(const std::vector<LengthSeries>& all) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const LengthSeries& one : all) {
    for (const auto& [name, score] : one.scores->buckets) {
      if (!std::isfinite(score)) continue;
      low = std::min(low, score);
      high = std::max(high, score);
    }
  }
  return scale_around(low, high, lengths_bottom, lengths_top);
}

std::string line_of_arm(const LengthSeries& one, const std::vector<std::string>& buckets, const Scale& x, const Scale& y) {
  std::vector<std::pair<double, double>> points;
  std::string marks;
  for (const auto& [name, score] : one.scores->buckets) {
    if (!std::isfinite(score)) continue;
    const auto place = std::find(buckets.begin(), buckets.end(), name) - buckets.begin();
    points.emplace_back(x.at(static_cast<double>(place)), y.at(score));
    marks += svg::marker(one.series, points.back().first, points.back().second, 3.5, "length",
                         svg::title(one.label + ", length " + name + ": " + significant(score, 4)));
  }
  if (points.size() < 2) return marks;
  return svg::element("path", {{"d", svg::path_through(points)},
                               {"class", "length-line " + svg::series_class(one.series)},
                               {"stroke-dasharray", svg::dash(one.series)}}) +
         marks;
}

std::string length_panel(const std::vector<LengthSeries>& all, const std::string& stratum, const std::string& heading,
                         const std::string& id) {
  const std::vector<std::string> buckets = bucket_names(all);
  const Scale x = {-0.4, static_cast<double>(buckets.size()) - 0.6, lengths_left, lengths_right};
  const Scale y = score_scale(all);
  std::string marks = svg::element("title", {{"id", id}}, escape_html(heading + " by source length"));
  for (const Tick& tick : ticks(y, 5)) {
    marks += svg::line(lengths_left, y.at(tick.value), lengths_right, y.at(tick.value), "grid") +
             svg::text(lengths_left - 6, y.at(tick.value) + 4, "tick end", tick.label);
  }
  const double room = (lengths_right - lengths_left) / static_cast<double>(buckets.size());
  for (size_t i = 0; i < buckets.size(); ++i) {
    marks += svg::text(x.at(static_cast<double>(i)), lengths_bottom + 16, "tick middle", fit_text(buckets[i], room, 11));
  }
  marks += svg::line(lengths_left, lengths_bottom, lengths_right, lengths_bottom, "axis");
  for (const LengthSeries& one : all) {
    if (one.stratum == stratum) marks += "\n" + line_of_arm(one, buckets, x, y);
  }
  const std::string size = "0 0 " + coordinate(lengths_width) + " " + coordinate(lengths_bottom + 24);
  return "<div class=\"panel\">\n<h3>" + escape_html(heading) + "</h3>\n" +
         svg::element("svg", {{"viewBox", size}, {"class", "drawing"}, {"role", "img"}, {"aria-labelledby", id}}, marks) + "\n</div>\n";
}

}  // namespace

std::string length_figure(const Findings& findings) {
  std::vector<std::string> metrics;
  for (const LengthScores& scores : findings.lengths) {
    if (!scores.buckets.empty() && std::find(metrics.begin(), metrics.end(), scores.metric) == metrics.end())
      metrics.push_back(scores.metric);
  }
  std::string panels;
  size_t number = 0;
  for (const std::string& metric : metrics) {
    const std::vector<LengthSeries> all = series_of_metric(findings, metric);
    std::vector<std::string> seen;
    for (const LengthSeries& one : all) {
      if (std::find(seen.begin(), seen.end(), one.stratum) != seen.end()) continue;
      seen.push_back(one.stratum);
      panels += length_panel(all, one.stratum, metric + (one.stratum.empty() ? "" : ", " + one.stratum),
                             "length-title-" + std::to_string(++number));
    }
  }
  if (panels.empty()) return "";
  return "<figure class=\"lengths\">\n" + legend(findings, true) + "<div class=\"panels\">\n" + panels +
         "</div>\n<figcaption>Scores by the length of the source, as means over seeds.</figcaption>\n</figure>\n";
}

}  // namespace sublayer::experiment::reporting

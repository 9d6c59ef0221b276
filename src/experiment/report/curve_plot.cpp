#include "src/experiment/report/escape.h"
#include "src/experiment/report/mean_curve.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/plots.h"
#include "src/experiment/report/scale.h"
#include "src/experiment/report/summary.h"
#include "src/experiment/report/svg.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

struct ArmCurves {
  const ArmFindings* arm = nullptr;
  size_t series = 0;
  std::vector<CurveSample> mean;
  std::vector<const RunFindings*> lost;  // runs that are not done but have a curve
};

// Smallest to largest update and value.
struct Extent {
  double first = HUGE_VAL, last = -HUGE_VAL, low = HUGE_VAL, high = -HUGE_VAL;
  void add(double update, double lower, double upper) {
    first = std::min(first, update);
    last = std::max(last, update);
    low = std::min(low, lower);
    high = std::max(high, upper);
  }
};

// Where the curves are drawn, in units of the drawing. One panel alone may be wider than one of several side by side.
struct CurveFrame {
  double width, height, left, right, top, bottom;
};
constexpr CurveFrame small_frame = {400, 290, 52, 390, 10, 244};
constexpr CurveFrame wide_frame = {640, 380, 64, 628, 12, 324};

std::vector<ArmCurves> curves_of(const Findings& findings) {
  const auto series = series_of_levels(findings);
  std::vector<ArmCurves> result;
  for (const ArmFindings& arm : findings.arms) {
    ArmCurves curves{&arm, series.at(arm_label(arm)), mean_curve(arm), {}};
    for (const RunFindings& run : arm.runs) {
      if (run.status != "done" && !finite_points(run.curve).empty()) curves.lost.push_back(&run);
    }
    if (!curves.mean.empty() || !curves.lost.empty()) result.push_back(std::move(curves));
  }
  return result;
}

Extent extent_after(const std::vector<ArmCurves>& all, double update, bool with_lost) {
  Extent extent;
  for (const ArmCurves& curves : all) {
    for (const CurveSample& sample : curves.mean) {
      if (sample.update >= update) extent.add(sample.update, sample.low, sample.high);
    }
    if (!with_lost) continue;
    for (const RunFindings* run : curves.lost) {
      for (const CurvePoint& point : finite_points(run->curve)) {
        if (static_cast<double>(point.update) >= update) extent.add(static_cast<double>(point.update), point.value, point.value);
      }
    }
  }
  return extent;
}

// The first steep part of a loss and a diverging run would press all else into a line at the edge: if leaving them out halves the range,
// the drawing opens without them, and all of it is one click away.
Extent opening_view(const std::vector<ArmCurves>& all, const Extent& whole) {
  const Extent settled = extent_after(all, whole.first + 0.3 * (whole.last - whole.first), false);
  if (!(settled.low <= settled.high) || settled.high - settled.low >= 0.5 * (whole.high - whole.low)) return whole;
  return {whole.first, whole.last, settled.low, settled.high};
}

std::string band_path(const std::vector<CurveSample>& samples, const Scale& x, const Scale& y) {
  std::vector<std::pair<double, double>> outline;
  for (const CurveSample& sample : samples) outline.emplace_back(x.at(sample.update), y.at(sample.high));
  for (size_t i = samples.size(); i-- > 0;) outline.emplace_back(x.at(samples[i].update), y.at(samples[i].low));
  return svg::path_through(outline) + "Z";
}

// A line, or a dot where there is one point: a path of no length with round caps keeps its shape when the drawing is zoomed.
std::string curve_mark(std::vector<std::pair<double, double>> points, const std::string& css, const std::string& dash,
                       const std::string& title) {
  const bool is_dot = points.size() == 1;
  if (is_dot) points.push_back(points[0]);
  return svg::element(
      "path", {{"d", svg::path_through(points)}, {"class", css + (is_dot ? " dot" : "")}, {"stroke-dasharray", is_dot ? "" : dash}}, title);
}

std::string drawn_curves(const ArmCurves& curves, const Scale& x, const Scale& y, bool bands, int decimals) {
  const std::string colour = " " + svg::series_class(curves.series);
  if (bands) {
    if (curves.mean.empty() || primary_spread(*curves.arm).count < 2) return "";
    return svg::element("path", {{"d", band_path(curves.mean, x, y)}, {"class", "band" + colour}});
  }
  std::string marks;
  for (const RunFindings* run : curves.lost) {
    std::vector<std::pair<double, double>> points;
    for (const CurvePoint& point : finite_points(run->curve))
      points.emplace_back(x.at(static_cast<double>(point.update)), y.at(point.value));
    marks += curve_mark(points, "lost" + colour, "",
                        svg::title(arm_label(*curves.arm) + ", seed " + std::to_string(run->seed) + ": " + run->status));
  }
  if (curves.mean.empty()) return marks;
  std::vector<std::pair<double, double>> points;
  for (const CurveSample& sample : curves.mean) points.emplace_back(x.at(sample.update), y.at(sample.mean));
  std::string title;
  if (const CurveSample& only = curves.mean[0]; points.size() == 1) {
    title = arm_label(*curves.arm) + ", update " + grouped(static_cast<int64_t>(only.update)) + ": " + fixed(only.mean, decimals);
    if (only.low < only.high) title += " (" + fixed(only.low, decimals) + " to " + fixed(only.high, decimals) + ")";
  }
  return marks + curve_mark(points, "curve" + colour, svg::dash(curves.series), title.empty() ? "" : svg::title(title));
}

std::string drawn_axes(const CurveFrame& frame, const Scale& x, const Scale& y) {
  std::string horizontal, vertical;
  for (const Tick& tick : ticks(y, 6)) {
    horizontal += svg::line(frame.left, y.at(tick.value), frame.right, y.at(tick.value), "grid") +
                  svg::text(frame.left - 6, y.at(tick.value) + 4, "tick end", tick.label);
  }
  for (const Tick& tick : ticks(x, 5)) {
    vertical += svg::line(x.at(tick.value), frame.bottom, x.at(tick.value), frame.bottom + 4, "axis") +
                svg::text(x.at(tick.value), frame.bottom + 19, "tick middle", tick.label);
  }
  return "<g class=\"ticks-y\">" + horizontal + "</g><g class=\"ticks-x\">" + vertical + "</g>" +
         svg::line(frame.left, frame.bottom, frame.right, frame.bottom, "axis") +
         svg::text((frame.left + frame.right) / 2, frame.height - 6, "side middle", "updates");
}

// What the script needs for hovering and zooming.
std::string curve_data(const std::vector<ArmCurves>& panel, const CurveFrame& frame, const Scale& x, const Scale& y, const Scale& whole_y,
                       int decimals) {
  std::string json = "{\"box\":[" + plain(frame.left) + "," + plain(frame.top) + "," + plain(frame.right - frame.left) + "," +
                     plain(frame.bottom - frame.top) + "],\"home\":[" + exact(x.low) + "," + exact(x.high) + "," + exact(y.low) + "," +
                     exact(y.high) + "],\"whole\":[" + exact(x.low) + "," + exact(x.high) + "," + exact(whole_y.low) + "," +
                     exact(whole_y.high) + "],\"decimals\":" + std::to_string(decimals) + ",\"arms\":[";
  bool is_first = true;
  for (const ArmCurves& curves : panel) {
    if (curves.mean.empty()) continue;
    json += std::string(is_first ? "" : ",") + "{\"name\":" + quote_json(arm_label(*curves.arm)) +
            ",\"css\":" + quote_json(svg::series_class(curves.series)) + ",\"points\":[";
    is_first = false;
    for (size_t i = 0; i < curves.mean.size(); ++i) {
      const CurveSample& sample = curves.mean[i];
      json += std::string(i == 0 ? "[" : ",[") + exact(sample.update) + "," + plain(sample.mean) + "," + plain(sample.low) + "," +
              plain(sample.high) + "]";
    }
    json += "]}";
  }
  return json + "]}";
}

std::string curve_panel(const std::vector<ArmCurves>& panel, const std::string& stratum, const CurveFrame& frame, const Extent& view,
                        const Extent& whole, const std::string& metric, int decimals, const std::string& id) {
  const Scale x = scale_around(view.first, view.last, frame.left, frame.right, 0.02);
  const Scale y = scale_around(view.low, view.high, frame.bottom, frame.top);
  const Scale whole_y = scale_around(whole.low, whole.high, frame.bottom, frame.top);
  const std::string box = coordinate(frame.left) + " " + coordinate(frame.top) + " " + coordinate(frame.right - frame.left) + " " +
                          coordinate(frame.bottom - frame.top);
  std::string marks;
  for (const bool bands : {true, false}) {
    for (const ArmCurves& curves : panel) marks += drawn_curves(curves, x, y, bands, decimals) + "\n";
  }
  const std::string heading = "Learning curves of " + metric + (stratum.empty() ? "" : ", " + stratum);
  const std::string inner = svg::element("svg",
                                         {{"class", "view"},
                                          {"x", frame.left},
                                          {"y", frame.top},
                                          {"width", frame.right - frame.left},
                                          {"height", frame.bottom - frame.top},
                                          {"viewBox", box},
                                          {"preserveAspectRatio", "none"}},
                                         "\n" + marks);
  const std::string drawing =
      svg::element("svg",
                   {{"viewBox", "0 0 " + coordinate(frame.width) + " " + coordinate(frame.height)},
                    {"class", "drawing"},
                    {"role", "img"},
                    {"aria-labelledby", id},
                    {"tabindex", "0"}},
                   svg::element("title", {{"id", id}}, escape_html(heading)) + drawn_axes(frame, x, y) + inner +
                       "<line class=\"cursor\" visibility=\"hidden\"/><rect class=\"selection\" visibility=\"hidden\"/>");
  return "<div class=\"panel curve-panel\">\n" + (stratum.empty() ? "" : "<h3>" + escape_html(stratum) + "</h3>\n") + drawing +
         "\n<button type=\"button\" hidden>Whole range</button>\n<div class=\"tip\" role=\"status\" hidden></div>\n<script "
         "type=\"application/json\">" +
         curve_data(panel, frame, x, y, whole_y, decimals) + "</script>\n</div>\n";
}

}  // namespace

std::string curve_figure(const Findings& findings) {
  const std::vector<ArmCurves> all = curves_of(findings);
  if (all.empty()) return nothing_to_show("There are no learning curves: no run has validation values yet.");
  const Extent whole = extent_after(all, -HUGE_VAL, true);
  const Extent view = opening_view(all, whole);
  const std::string metric = findings.curve_metric.empty() ? findings.metric : findings.curve_metric;

  std::vector<std::string> names;
  for (const std::string& stratum : strata(findings)) {
    if (std::any_of(all.begin(), all.end(), [&](const ArmCurves& curves) { return curves.arm->stratum == stratum; }))
      names.push_back(stratum);
  }
  std::string panels;
  for (size_t i = 0; i < names.size(); ++i) {
    std::vector<ArmCurves> panel;
    std::copy_if(all.begin(), all.end(), std::back_inserter(panel),
                 [&](const ArmCurves& curves) { return curves.arm->stratum == names[i]; });
    panels += curve_panel(panel, names[i], names.size() == 1 ? wide_frame : small_frame, view, whole, metric,
                          decimals_for((view.high - view.low) / 100), "curve-title-" + std::to_string(i + 1));
  }
  std::string caption = metric +
                        " over updates: mean over the seeds that are done, up to the update that all of them reached; the band spans the "
                        "lowest and the highest seed.";
  if (std::any_of(all.begin(), all.end(), [](const ArmCurves& curves) { return !curves.lost.empty(); })) {
    caption += " Thin dotted lines and pale dots are runs that are not done.";
  }
  if (view.low > whole.low || view.high < whole.high)
    caption += " The axis leaves out the first steep part and what lies far away; \u201cWhole range\u201d shows it.";
  return "<figure class=\"curves" + std::string(names.size() == 1 ? " alone" : "") + "\">\n" + legend(findings, false) +
         "<div class=\"panels\">\n" + panels + "</div>\n<figcaption>" + escape_html(caption) +
         " <span class=\"scripted\">Point at a curve for its values, drag to zoom, double-click to "
         "return.</span></figcaption>\n</figure>\n";
}

}  // namespace sublayer::experiment::reporting

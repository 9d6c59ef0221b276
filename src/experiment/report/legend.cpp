#include "src/experiment/report/escape.h"
#include "src/experiment/report/plots.h"
#include "src/experiment/report/summary.h"
#include "src/experiment/report/svg.h"

#include <algorithm>

namespace sublayer::experiment::reporting {

std::string nothing_to_show(const std::string& why) { return "<p class=\"nothing\">" + escape_html(why) + "</p>\n"; }

std::string legend(const Findings& findings, bool with_markers) {
  std::string html = "<ul class=\"legend\">\n";
  std::vector<std::string> seen;
  const auto series = series_of_levels(findings);
  for (const ArmFindings& arm : findings.arms) {
    const std::string label = arm_label(arm);
    if (std::find(seen.begin(), seen.end(), label) != seen.end()) continue;
    seen.push_back(label);
    const size_t index = series.at(label);
    std::string swatch = svg::element("line", {{"x1", 1.0},
                                               {"y1", 7.0},
                                               {"x2", 33.0},
                                               {"y2", 7.0},
                                               {"class", "swatch " + svg::series_class(index)},
                                               {"stroke-dasharray", svg::dash(index)}});
    if (with_markers) swatch += svg::marker(index, 17, 7, 3.5, "length-swatch");
    html += "<li>" + svg::element("svg", {{"viewBox", "0 0 34 14"}, {"class", "swatch-box"}, {"aria-hidden", "true"}}, swatch) +
            escape_html(label) + (arm.is_baseline ? " <small>baseline</small>" : "") + "</li>\n";
  }
  return html + "</ul>\n";
}

}  // namespace sublayer::experiment::reporting

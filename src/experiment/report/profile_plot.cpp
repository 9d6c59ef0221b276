#include "src/core/utf8.h"
#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/plots.h"
#include "src/experiment/report/profile_groups.h"
#include "src/experiment/report/scale.h"
#include "src/experiment/report/svg.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

constexpr double profile_width = 240, profile_right = 234, profile_top = 24, profile_bottom = 150, profile_height = 188;
constexpr double widest_ratio = 20;          // of the largest to the smallest value on a linear axis
constexpr size_t most_unfolded_panels = 24;  // of one probe

struct ProfileFrame {
  Scale depth, value;
  int64_t first_depth = 0, last_depth = 0;
  std::vector<Tick> values;
  std::string unit;  // of the numbers on the upright axis: a power of ten, or empty
  double marker_radius = 3.5;
};

void set_value_axis(ProfileFrame& frame, double low, double high) {
  const bool is_logarithmic = low > 0 && high / low > widest_ratio;
  if (low == 0 && high == 0) high = 1;  // no dead units at all: no axis with negative numbers of them
  const double largest = std::max(std::abs(low), std::abs(high));
  const int exponent = static_cast<int>(std::floor(std::log10(largest)));
  frame.value = (is_logarithmic ? logarithmic_scale_around : scale_around)(low, high, profile_bottom, profile_top, 0.06);
  if (is_logarithmic || (exponent > -4 && exponent < 6)) {
    frame.values = ticks(frame.value, 6);
    return;
  }
  const double unit = std::pow(10, exponent);
  frame.unit = "\u00d7" + power_of_ten(exponent);
  frame.values = ticks({frame.value.low / unit, frame.value.high / unit, 0, 1}, 6);
  for (Tick& tick : frame.values) tick.value *= unit;
}

void set_depth_axis(ProfileFrame& frame) {
  size_t longest = decode_utf8(frame.unit).size();
  for (const Tick& tick : frame.values) longest = std::max(longest, decode_utf8(tick.label).size());
  // Letters are those of a phone, where the style sheet sets them larger.
  const double left = std::clamp(9 * static_cast<double>(longest), 20.0, profile_width / 2) + 8;
  const auto first = static_cast<double>(frame.first_depth), last = static_cast<double>(frame.last_depth);
  const double room = 0.1 + 0.08 * (last - first);
  frame.depth = {first - room, last + room, left, profile_right};
  frame.marker_radius = std::clamp(0.35 * (frame.depth.at(1) - frame.depth.at(0)), 1.5, 3.5);
}

ProfileFrame profile_frame(const ProfileGroup& group) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  ProfileFrame frame;
  frame.first_depth = frame.last_depth = group.moments[0].arms[0].points[0].depth;
  for (const ProfileMoment& moment : group.moments) {
    for (const ArmProfile& arm : moment.arms) {
      for (const ProbePoint& point : arm.points) {
        low = std::min({low, point.mean, point.low});
        high = std::max({high, point.mean, point.high});
        frame.first_depth = std::min(frame.first_depth, point.depth);
        frame.last_depth = std::max(frame.last_depth, point.depth);
      }
    }
  }
  set_value_axis(frame, low, high);
  set_depth_axis(frame);
  return frame;
}

std::string profile_title(const ArmProfile& arm, const ProbePoint& point, bool is_layered) {
  std::string words = arm.label + (is_layered ? ", layer " + grouped(point.depth) : "") + ": " + significant(point.mean, 4);
  if (point.low < point.high) words += " (seeds " + significant(point.low, 4) + " to " + significant(point.high, 4) + ")";
  return svg::title(words);
}

// An area between the layers, upright strokes where there is one layer only.
std::string profile_band(const ArmProfile& arm, const ProfileFrame& frame, double shift) {
  const std::string colour = " " + svg::series_class(arm.series);
  if (std::none_of(arm.points.begin(), arm.points.end(), [](const ProbePoint& point) { return point.low < point.high; })) return "";
  const auto x = [&](const ProbePoint& point) { return frame.depth.at(static_cast<double>(point.depth)) + shift; };
  if (const ProbePoint& only = arm.points[0]; arm.points.size() == 1)
    return svg::line(x(only), frame.value.at(only.low), x(only), frame.value.at(only.high), "profile-range" + colour);
  std::vector<std::pair<double, double>> outline;
  for (const ProbePoint& point : arm.points) outline.emplace_back(x(point), frame.value.at(point.high));
  for (auto point = arm.points.rbegin(); point != arm.points.rend(); ++point) outline.emplace_back(x(*point), frame.value.at(point->low));
  return svg::element("path", {{"d", svg::path_through(outline) + "Z"}, {"class", "band" + colour}});
}

std::string profile_line(const ArmProfile& arm, const ProfileFrame& frame, double shift, bool is_layered) {
  std::vector<std::pair<double, double>> points;
  std::string marks;
  for (const ProbePoint& point : arm.points) {
    points.emplace_back(frame.depth.at(static_cast<double>(point.depth)) + shift, frame.value.at(point.mean));
    marks += svg::marker(arm.series, points.back().first, points.back().second, frame.marker_radius, "profile",
                         profile_title(arm, point, is_layered));
  }
  if (points.size() < 2) return marks;
  return svg::element("path", {{"d", svg::path_through(points)},
                               {"class", "profile-line " + svg::series_class(arm.series)},
                               {"stroke-dasharray", svg::dash(arm.series)}}) +
         marks;
}

std::string profile_axes(const ProfileFrame& frame, bool is_layered) {
  const double left = frame.depth.begin;
  std::string marks;
  for (const Tick& tick : frame.values) {
    marks += svg::line(left, frame.value.at(tick.value), profile_right, frame.value.at(tick.value), "grid") +
             svg::text(left - 6, frame.value.at(tick.value) + 4, "tick end", tick.label);
  }
  if (!frame.unit.empty()) marks += svg::text(left - 6, 12, "tick end", frame.unit);
  marks += svg::line(left, profile_bottom, profile_right, profile_bottom, "axis");
  if (!is_layered) return marks;
  for (const Tick& tick : ticks(frame.depth, 8)) {
    const int64_t layer = std::llround(tick.value);
    if (std::abs(tick.value - static_cast<double>(layer)) > 1e-9 || layer < frame.first_depth || layer > frame.last_depth) continue;
    marks += svg::text(frame.depth.at(tick.value), profile_bottom + 16, "tick middle", grouped(layer));
  }
  return marks + svg::text((left + profile_right) / 2, profile_height - 6, "side middle", "layer");
}

std::string profile_panel(const ProfileGroup& group, const ProfileMoment& moment, const std::string& stratum, const ProfileFrame& frame,
                          const std::string& id) {
  std::vector<const ArmProfile*> arms;
  for (const ArmProfile& arm : moment.arms) {
    if (arm.stratum == stratum) arms.push_back(&arm);
  }
  if (arms.empty()) return "";
  const std::string update = "update " + grouped(moment.update);
  const std::string heading = group.probe + (group.modules.empty() ? "" : " of " + group.modules) + (stratum.empty() ? "" : ", " + stratum);
  std::string bands, lines;
  // Arms with one layer would hide each other: they stand side by side.
  const double step = frame.first_depth < frame.last_depth ? 0 : std::min(18.0, 150.0 / static_cast<double>(arms.size()));
  for (size_t i = 0; i < arms.size(); ++i) {
    const double shift = step * (static_cast<double>(i) - static_cast<double>(arms.size() - 1) / 2);
    bands += profile_band(*arms[i], frame, shift);
    lines += "\n" + profile_line(*arms[i], frame, shift, group.is_layered());
  }
  return svg::element("svg",
                      {{"viewBox", "0 0 " + coordinate(profile_width) + " " + coordinate(profile_height)},
                       {"class", "drawing"},
                       {"role", "img"},
                       {"aria-labelledby", id}},
                      svg::element("title", {{"id", id}}, escape_html(heading + ", " + update)) +
                          svg::text(frame.depth.begin, 12, "side", update) + profile_axes(frame, group.is_layered()) + bands + lines) +
         "\n";
}

// The panels of one stratum beside each other.
std::string profile_pair(const ProfileGroup& group, const std::string& stratum, const ProfileFrame& frame, size_t& number) {
  std::string panels;
  for (const ProfileMoment& moment : group.moments) {
    const std::string panel = profile_panel(group, moment, stratum, frame, "profile-title-" + std::to_string(number + 1));
    if (!panel.empty()) ++number;
    panels += panel;
  }
  if (panels.empty()) return "";
  const std::string heading =
      escape_html(group.modules) + (stratum.empty() ? "" : " <span class=\"soft\">" + escape_html(stratum) + "</span>");
  return "<div class=\"panel\">\n" + (heading.empty() ? "" : "<h4>" + heading + "</h4>\n") + "<div class=\"moments\">\n" + panels +
         "</div>\n</div>\n";
}

// A row for each kind of module where there are strata to compare; else the modules follow each other.
std::string probe_block(const std::string& probe, const std::vector<const ProfileGroup*>& groups, size_t& number) {
  const size_t before = number;
  std::string rows, row;
  for (const ProfileGroup* group : groups) {
    const std::vector<std::string> names = group->strata();
    const ProfileFrame frame = profile_frame(*group);
    for (const std::string& stratum : names) row += profile_pair(*group, stratum, frame, number);
    if (names.size() < 2 && group != groups.back()) continue;
    rows += "<div class=\"small-multiples\">\n" + row + "</div>\n";
    row.clear();
  }
  const size_t count = number - before;
  if (count <= most_unfolded_panels) return "<h3>" + escape_html(probe) + "</h3>\n" + rows;
  return "<details>\n<summary>" + escape_html(probe) + ", " + std::to_string(count) + " panels</summary>\n" + rows + "</details>\n";
}

}  // namespace

std::string profile_figure(const Findings& findings) {
  const std::vector<ProfileGroup> groups = profile_groups(findings);
  if (groups.empty()) return "";
  std::string blocks;
  size_t number = 0;
  for (auto first = groups.begin(); first != groups.end();) {
    const auto last = std::find_if(first, groups.end(), [&](const ProfileGroup& group) { return group.probe != first->probe; });
    std::vector<const ProfileGroup*> of_probe;
    for (; first != last; ++first) of_probe.push_back(&*first);
    blocks += probe_block(of_probe[0]->probe, of_probe, number);
  }
  const bool is_single = std::all_of(groups.begin(), groups.end(), [](const ProfileGroup& group) { return group.moments.size() == 1; });
  const std::string scale =
      "The panels of one probe and kind of module share their axes; the upright one is logarithmic where values "
      "differ by more than a factor of " +
      significant(widest_ratio, 2) + ".";
  return "<figure class=\"profiles" + std::string(is_single ? " single" : "") + "\">\n" + legend(findings, true) + blocks +
         "<figcaption>Values of the probes by number of the layer, at the first and at the last update at which each was taken: mean over "
         "the seeds that are done; the band spans the lowest and the highest seed. " +
         scale + "</figcaption>\n</figure>\n";
}

}  // namespace sublayer::experiment::reporting

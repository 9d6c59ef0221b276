#include "src/experiment/probe_profiles.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace sublayer::experiment {
namespace {

// "encoder.layers.3.feed_forward" -> "encoder.layers.*.feed_forward" and 3. The first number is the layer's.
struct Place {
  std::string modules;
  int64_t depth = 0;
};

Place place_of(const std::string& module) {
  for (size_t dot = module.find('.'); dot != std::string::npos; dot = module.find('.', dot + 1)) {
    const size_t end = std::min(module.find('.', dot + 1), module.size());
    const std::string segment = module.substr(dot + 1, end - dot - 1);
    if (!segment.empty() && std::all_of(segment.begin(), segment.end(), [](unsigned char c) { return std::isdigit(c); }))
      return {module.substr(0, dot + 1) + "*" + module.substr(end), std::stoll(segment)};
  }
  return {module, 0};
}

// Values over seeds, by depth.
using Depths = std::map<int64_t, std::vector<double>>;

std::vector<ProbePoint> points_of(const Depths& depths) {
  std::vector<ProbePoint> points;
  for (const auto& [depth, values] : depths) {
    ProbePoint point{depth, 0, *std::min_element(values.begin(), values.end()), *std::max_element(values.begin(), values.end())};
    for (const double value : values) point.mean += value / static_cast<double>(values.size());
    points.push_back(point);
  }
  return points;
}

}  // namespace

std::vector<ProbeProfile> probe_profiles(const std::vector<std::pair<std::string, std::vector<Outcome>>>& arms) {
  // probe and modules -> update -> arm -> depth
  std::map<std::pair<std::string, std::string>, std::map<int64_t, std::map<std::string, Depths>>> all;
  for (const auto& [arm, outcomes] : arms) {
    for (const auto& outcome : outcomes) {
      if (outcome.status != RunStatus::done) continue;
      for (const auto& [update, name, value] : outcome.probes) {
        const auto slash = name.find('/');
        const auto place = place_of(name.substr(slash + 1));
        all[{name.substr(0, slash), place.modules}][update][arm][place.depth].push_back(value);
      }
    }
  }
  std::vector<ProbeProfile> profiles;
  for (const auto& [key, updates] : all) {
    auto ends = {updates.begin(), std::prev(updates.end())};
    for (auto at = ends.begin(); at != ends.end(); ++at) {
      if (at != ends.begin() && *at == *ends.begin()) continue;  // taken once
      ProbeProfile profile{key.first, key.second, (*at)->first, {}};
      for (const auto& [arm, outcomes] : arms) {
        const auto depths = (*at)->second.find(arm);
        if (depths != (*at)->second.end()) profile.arms.emplace_back(arm, points_of(depths->second));
      }
      profiles.push_back(std::move(profile));
    }
  }
  return profiles;
}

}  // namespace sublayer::experiment

#include "src/experiment/probe_profiles.h"

#include <algorithm>
#include <map>

#include "src/core/path_pattern.h"

namespace sublayer::experiment {
namespace {

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
        const auto place = layer_pattern(name.substr(slash + 1));
        all[{name.substr(0, slash), place.text}][update][arm][place.layer].push_back(value);
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

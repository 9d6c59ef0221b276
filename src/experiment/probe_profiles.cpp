#include "src/experiment/probe_profiles.h"

#include <algorithm>
#include <map>
#include <set>

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
  // probe and modules -> update -> arm -> depth, and which runs took it
  struct Taken {
    std::map<std::string, Depths> arms;
    std::set<const Outcome*> runs;
  };
  std::map<std::pair<std::string, std::string>, std::map<int64_t, Taken>> all;
  for (const auto& [arm, outcomes] : arms) {
    for (const auto& outcome : outcomes) {
      if (outcome.status != RunStatus::done) continue;
      for (const auto& [update, name, value] : outcome.probes) {
        const auto slash = name.find('/');
        const auto place = layer_pattern(name.substr(slash + 1));
        auto& taken = all[{name.substr(0, slash), place.text}][update];
        taken.arms[arm][place.layer].push_back(value);
        taken.runs.insert(&outcome);
      }
    }
  }
  std::vector<ProbeProfile> profiles;
  for (const auto& [key, updates] : all) {
    // Runs may end at different updates: the last is that which most of them reached.
    auto last = updates.begin();
    for (auto at = updates.begin(); at != updates.end(); ++at) {
      if (at->second.runs.size() >= last->second.runs.size()) last = at;
    }
    for (const int64_t update : std::set{updates.begin()->first, last->first}) {
      ProbeProfile profile{key.first, key.second, update, {}};
      for (const auto& [arm, outcomes] : arms) {
        const auto depths = updates.at(update).arms.find(arm);
        if (depths != updates.at(update).arms.end()) profile.arms.emplace_back(arm, points_of(depths->second));
      }
      profiles.push_back(std::move(profile));
    }
  }
  return profiles;
}

}  // namespace sublayer::experiment

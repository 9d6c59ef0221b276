#include "src/experiment/report/profile_groups.h"

#include "src/experiment/report/summary.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

// Without a finite mean there is no point, without a finite range it is the mean alone.
std::vector<ProbePoint> finite_profile(std::vector<ProbePoint> points) {
  std::erase_if(points, [](const ProbePoint& point) { return !std::isfinite(point.mean); });
  for (ProbePoint& point : points) {
    if (!std::isfinite(point.low) || !std::isfinite(point.high)) point.low = point.high = point.mean;
  }
  return points;
}

ProfileMoment profile_moment(const Findings& findings, const ProbeProfile& profile) {
  const auto series = series_of_levels(findings);
  ProfileMoment moment{profile.update, {}};
  for (const auto& [name, all] : profile.arms) {
    std::vector<ProbePoint> points = finite_profile(all);
    if (points.empty()) continue;
    const auto arm = std::find_if(findings.arms.begin(), findings.arms.end(), [&](const ArmFindings& a) { return a.name == name; });
    if (arm == findings.arms.end())
      moment.arms.push_back({"", name, 1, std::move(points)});
    else
      moment.arms.push_back({arm->stratum, arm_label(*arm), series.at(arm_label(*arm)), std::move(points)});
  }
  return moment;
}

}  // namespace

std::vector<std::string> ProfileGroup::strata() const {
  std::vector<std::string> names;
  for (const ProfileMoment& moment : moments) {
    for (const ArmProfile& arm : moment.arms) {
      if (std::find(names.begin(), names.end(), arm.stratum) == names.end()) names.push_back(arm.stratum);
    }
  }
  return names;
}

std::vector<ProfileGroup> profile_groups(const Findings& findings) {
  std::vector<ProfileGroup> groups;
  for (const ProbeProfile& profile : findings.profiles) {
    ProfileMoment moment = profile_moment(findings, profile);
    if (moment.arms.empty()) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const ProfileGroup& g) { return g.probe == profile.probe && g.modules == profile.modules; });
    if (group == groups.end()) {
      const auto last = std::find_if(groups.rbegin(), groups.rend(), [&](const ProfileGroup& g) { return g.probe == profile.probe; });
      group = groups.insert(last == groups.rend() ? groups.end() : last.base(), {profile.probe, profile.modules, {}});
    }
    group->moments.push_back(std::move(moment));
  }
  for (ProfileGroup& group : groups) {
    std::stable_sort(group.moments.begin(), group.moments.end(),
                     [](const ProfileMoment& a, const ProfileMoment& b) { return a.update < b.update; });
  }
  return groups;
}

}  // namespace sublayer::experiment::reporting

#pragma once

#include "src/experiment/findings.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sublayer::experiment::reporting {

struct ArmProfile {
  std::string stratum, label;
  size_t series = 1;
  std::vector<ProbePoint> points;  // with finite values; not empty
};

// A probe at one update.
struct ProfileMoment {
  int64_t update = 0;
  std::vector<ArmProfile> arms;
};

// What is drawn on the same scales.
struct ProfileGroup {
  std::string probe, modules;
  std::vector<ProfileMoment> moments;  // by update

  std::vector<std::string> strata() const;  // in order of appearance
  bool is_layered() const { return modules.find('*') != std::string::npos; }
};

// The finite values of Findings::profiles, by probe in order of appearance. Nothing in them is empty. An arm that the experiment does not
// know has no stratum and the colour of the first level.
std::vector<ProfileGroup> profile_groups(const Findings& findings);

}  // namespace sublayer::experiment::reporting

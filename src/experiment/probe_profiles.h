#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/experiment/findings.h"
#include "src/experiment/outcome.h"

namespace sublayer::experiment {

// What the probes of an experiment's arms read, over the depth of the models, at the first and at the last update that each was taken.
// Runs that are not done are left out.
std::vector<ProbeProfile> probe_profiles(const std::vector<std::pair<std::string, std::vector<Outcome>>>& arms);

}  // namespace sublayer::experiment

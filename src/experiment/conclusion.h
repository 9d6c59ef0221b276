#pragma once

#include <filesystem>

#include "src/experiment/arm_check.h"
#include "src/experiment/findings.h"

namespace sublayer::experiment {

// All that an experiment's runs on the disk say, with the verdict of each comparison whose runs are all there. Once there is one, the look
// is recorded beside the runs. `directory`: <runs>/<experiment>.
Findings conclude(const Experiment& experiment, const std::filesystem::path& runs, const std::vector<ArmCheck>& checks, ArmData& data);

}  // namespace sublayer::experiment

#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/experiment/experiment.h"
#include "src/experiment/run_config.h"

namespace sublayer::experiment {

// The files of variants that this process has loaded, for the record: [{"file", "hash", "variants": [{"kind", "name"}]}].
nlohmann::json describe_loaded_files();

// The recorded ones for people: "my_variants.so 0123456789abcdef, ..."; "none".
std::string loaded_files_text(const nlohmann::json& provenance);

// load_config for the run in `directory`: where it fails for want of variants that the run was trained with, the error says which file has
// them.
LoadedConfig load_config_of(const std::filesystem::path& directory, const std::filesystem::path& file,
                            const std::vector<std::string>& overrides = {});

// load_experiment: where it fails for want of variants, the error says the same from the runs of the experiment that are below `runs`.
Experiment load_experiment_with(const std::filesystem::path& runs, const std::filesystem::path& file,
                                const std::vector<std::string>& overrides);

// A variant that a run was trained with and that now comes from another build of its file: what differs. Empty where there is none.
std::string changed_loaded_file(const nlohmann::json& provenance);

}  // namespace sublayer::experiment

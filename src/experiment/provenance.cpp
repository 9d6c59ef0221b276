#include "src/experiment/provenance.h"

#include <ATen/Version.h>
#include <torch/version.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/version.h"
#include "src/core/worker_pool.h"
#include "src/experiment/loaded_files.h"

namespace sublayer::experiment {

std::string libtorch_version() { return TORCH_VERSION; }

std::string cpu_name() {
  std::string name = "unknown processor";
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      name = line.substr(line.find(':') + 2);
      break;
    }
  }
  return name + ", " + at::get_cpu_capability();
}

nlohmann::json describe_build() {
  return {{"version", version()}, {"commit", commit()},         {"libtorch", libtorch_version()},
          {"cpu", cpu_name()},    {"cores", available_cores()}, {"loaded", describe_loaded_files()}};
}

nlohmann::json read_provenance(const std::filesystem::path& run) {
  const auto file = run / "provenance.json";
  try {
    return nlohmann::json::parse(read_file(file));
  } catch (const nlohmann::json::exception&) {
    throw DataError(file.string() + ": damaged: not what a run writes");
  }
}

}  // namespace sublayer::experiment

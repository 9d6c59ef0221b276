#include "src/experiment/run_directory.h"

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/experiment/loaded_files.h"
#include "src/experiment/provenance.h"

namespace sublayer::experiment {
namespace {

void check_identity(const RunConfig& given, const std::filesystem::path& stored_file) {
  const auto differences = identity_differences(given, load_config_of(stored_file.parent_path(), stored_file).config);
  if (differences.empty()) return;
  std::string list;
  for (size_t i = 0; i < differences.size() && i < 8; ++i) list += (i ? "; " : "") + differences[i];
  if (differences.size() > 8) list += "; and " + std::to_string(differences.size() - 8) + " more";
  throw ConfigError(stored_file.parent_path().string() + ": holds another run (given here, stored there): " + list +
                    ". Choose another --name");
}

}  // namespace

RunDirectory::RunDirectory(const std::filesystem::path& path, const RunConfig& config, bool resume) : path_(path) {
  const auto config_file = path_ / "config.yaml";
  // The provenance is written last: a directory without it was left by a process that was killed before its run began.
  const bool exists = std::filesystem::exists(path_ / "provenance.json");
  if (exists && !resume) {
    check_identity(config, config_file);
    throw ConfigError(path_.string() + ": this run exists already. Go on with --resume, or choose another --name");
  }
  lock_.emplace(path_, "another process is training this run");
  if (!exists) return;
  check_identity(config, config_file);
  provenance_ = read_provenance(path_);
  if (const auto changed = changed_loaded_file(provenance_); !changed.empty())
    throw ConfigError(path_.string() + ": " + changed + "; restore it or choose another --name");
}

void RunDirectory::sweep() const {
  for (const char* folder : {"", "checkpoints", "hypotheses", "average"}) sweep_leftovers(path_ / folder);
}

void RunDirectory::begin(const RunConfig& config, const nlohmann::json& provenance) {
  write_file_durably(path_ / "config.yaml", to_yaml(config));
  write_file_durably(path_ / "provenance.json", provenance.dump(2) + "\n");
}

void RunDirectory::go_on(const RunConfig& config) {
  const auto file = path_ / "config.yaml";
  if (differences(config, load_config(file).config, /*identity_only=*/false).empty()) return;
  std::filesystem::remove(path_ / "result.json");  // of the run as it was: with the new values it is not done
  write_file_durably(file, to_yaml(config));
}

}  // namespace sublayer::experiment

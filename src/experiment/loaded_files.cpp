#include "src/experiment/loaded_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/variant_file.h"

namespace sublayer::experiment {
namespace {

using nlohmann::json;

// Runs of older versions have no such record.
std::vector<VariantFile> recorded_files(const json& provenance) {
  std::vector<VariantFile> files;
  for (const auto& entry : provenance.value("loaded", json::array())) {
    VariantFile file{entry.at("file"), entry.at("file").get<std::string>(), entry.at("hash"), {}};
    for (const auto& variant : entry.at("variants")) file.variants.push_back({variant.at("kind"), variant.at("name")});
    files.push_back(std::move(file));
  }
  return files;
}

bool is_registered(const VariantName& variant) {
  const auto& all = all_registries();
  return std::any_of(all.begin(), all.end(),
                     [&](const auto* registry) { return registry->kind() == variant.kind && registry->look_up(variant.name); });
}

bool holds(const VariantFile& file, const VariantName& variant) {
  return std::find(file.variants.begin(), file.variants.end(), variant) != file.variants.end();
}

// " --load /home/me/my_variants.so" for each file that the run was trained with and of which variants are missing now.
std::string missing_options(const std::filesystem::path& directory) {
  const auto provenance = directory / "provenance.json";
  if (!std::filesystem::exists(provenance)) return "";
  std::string text;
  try {
    for (const auto& file : recorded_files(json::parse(read_file(provenance)))) {
      if (!std::all_of(file.variants.begin(), file.variants.end(), is_registered)) text += " --load " + file.path.string();
    }
  } catch (const json::exception&) {
    return "";  // the error that is on its way says more
  }
  return text;
}

void throw_with_hint(const ConfigError& error, const std::filesystem::path& directory) {
  if (const auto options = missing_options(directory); !options.empty())
    throw ConfigError(error.what() + (". " + directory.string()) + " was trained with" + options + ", which has to be given again");
}

}  // namespace

json describe_loaded_files() {
  json list = json::array();
  for (const auto& file : loaded_variant_files()) {
    json variants = json::array();
    for (const auto& [kind, name] : file.variants) variants.push_back({{"kind", kind}, {"name", name}});
    list.push_back({{"file", file.path.string()}, {"hash", file.hash}, {"variants", std::move(variants)}});
  }
  return list;
}

std::string loaded_files_text(const json& provenance) {
  std::string text;
  for (const auto& file : recorded_files(provenance)) text += (text.empty() ? "" : ", ") + file.path.filename().string() + " " + file.hash;
  return text.empty() ? "none" : text;
}

LoadedConfig load_config_of(const std::filesystem::path& directory, const std::filesystem::path& file,
                            const std::vector<std::string>& overrides) {
  try {
    return load_config(file, overrides);
  } catch (const ConfigError& error) {
    throw_with_hint(error, directory);
    throw;
  }
}

Experiment load_experiment_with(const std::filesystem::path& runs, const std::filesystem::path& file,
                                const std::vector<std::string>& overrides) {
  try {
    return load_experiment(file, overrides);
  } catch (const ConfigError& error) {
    const auto directory = runs / experiment_name(file);
    if (std::filesystem::is_directory(directory)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().filename() == "provenance.json") throw_with_hint(error, entry.path().parent_path());
      }
    }
    throw;
  }
}

std::string changed_loaded_file(const json& provenance) {
  for (const auto& recorded : recorded_files(provenance)) {
    for (const auto& loaded : loaded_variant_files()) {
      if (loaded.hash == recorded.hash) continue;
      for (const auto& variant : recorded.variants) {
        if (!holds(loaded, variant)) continue;
        return variant.kind + " '" + variant.name + "' comes from another build of its file: " + loaded.path.string() + " has the hash " +
               loaded.hash + ", " + recorded.path.string() + " had " + recorded.hash;
      }
    }
  }
  return "";
}

}  // namespace sublayer::experiment

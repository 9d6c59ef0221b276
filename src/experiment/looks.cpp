#include "src/experiment/looks.h"

#include <algorithm>

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/evaluation/statistics/looks.h"

namespace sublayer::experiment {
namespace {

using nlohmann::json;

// All that a verdict depends on and that has to be fixed before it. As text, to be compared and shown.
json design_of(const Experiment& experiment) {
  const auto& options = experiment.options;
  json arms = json::array();
  for (const auto& arm : experiment.arms) arms.push_back(arm.name);
  return {{"metric", options.metric},
          {"at", options.at},
          {"arms", arms},
          {"compare", options.compare.axis + ", baseline " + options.compare.baseline},
          {"equivalence_margin", options.equivalence_margin ? json(*options.equivalence_margin) : json()},
          {"test", options.statistics.test},
          {"level", options.statistics.level},
          {"spend", options.statistics.spend}};
}

}  // namespace

Looks::Looks(const Experiment& experiment, const std::filesystem::path& directory)
    : file_(directory / "looks.json"),
      design_(design_of(experiment)),
      statistics_(experiment.options.statistics),
      seeds_(experiment.options.seeds) {
  if (!std::filesystem::exists(file_)) return;
  json stored;
  try {
    stored = json::parse(read_file(file_));
    for (const auto& entry : stored.at("looks")) {
      Look look{entry.at("seeds"), entry.at("level"), {}};
      for (const auto& claim : entry.at("claims")) {
        look.claims.push_back({claim.at("arm"), claim.at("stratum"), claim.at("verdict"), claim.at("sentence"), claim.at("final")});
      }
      looks_.push_back(std::move(look));
    }
  } catch (const json::exception&) {
    throw DataError(file_.string() + ": damaged: not what a sweep writes");
  }
  for (const auto& [key, value] : design_.items()) {
    if (!looks_.empty() && stored.at("design").at(key) != value) {
      throw ConfigError(experiment.file.string() + ": " + key + ": was " + stored.at("design").at(key).dump() +
                        " when the first verdict was made; a verdict holds for what was fixed before it. Ask a new question in another "
                        "folder, or choose another --runs");
    }
  }
  for (const auto& look : looks_) {
    if (look.seeds > seeds_)
      throw ConfigError(experiment.file.string() + ": seeds: a verdict was made with " + std::to_string(look.seeds) +
                        "; fewer cannot undo it");
  }
  if (statistics_.spend >= 1 && number() > 1)
    throw ConfigError(experiment.file.string() +
                      ": seeds: a verdict with fewer was made, and statistics.spend: 1 left no level for another");
}

int64_t Looks::number() const {
  return 1 + std::count_if(looks_.begin(), looks_.end(), [&](const Look& look) { return look.seeds < seeds_; });
}

double Looks::level_of(int64_t look) const { return statistics::look_level(statistics_.level, statistics_.spend, look); }

double Looks::next_level() const { return statistics_.spend < 1 ? level_of(number() + 1) : level(); }

const Look::Claim* Looks::final_claim(const std::string& arm, const std::string& stratum) const {
  for (const auto& look : looks_) {
    if (look.seeds >= seeds_) continue;
    for (const auto& claim : look.claims) {
      if (claim.is_final && claim.arm == arm && claim.stratum == stratum) return &claim;
    }
  }
  return nullptr;
}

void Looks::record(std::vector<Look::Claim> claims) {
  std::erase_if(looks_, [&](const Look& look) { return look.seeds == seeds_; });
  looks_.push_back({seeds_, level(), std::move(claims)});
  json stored = {{"design", design_}, {"looks", json::array()}};
  for (const auto& look : looks_) {
    json entry = {{"seeds", look.seeds}, {"level", look.level}, {"claims", json::array()}};
    for (const auto& claim : look.claims) {
      entry["claims"].push_back({{"arm", claim.arm},
                                 {"stratum", claim.stratum},
                                 {"verdict", claim.verdict},
                                 {"sentence", claim.sentence},
                                 {"final", claim.is_final}});
    }
    stored["looks"].push_back(std::move(entry));
  }
  write_file_durably(file_, stored.dump(2) + "\n");
}

}  // namespace sublayer::experiment

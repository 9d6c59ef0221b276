#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "src/experiment/experiment.h"

namespace sublayer::experiment {

// What a verdict said at one look at an experiment.
struct Look {
  int64_t seeds = 0;
  double level = 0;
  struct Claim {
    std::string arm, stratum, verdict, sentence;
    bool is_final = false;  // decided: later looks do not take it back
  };
  std::vector<Claim> claims;
};

// The looks that were taken at an experiment, and the design that they were taken under: <runs>/<experiment>/looks.json. It is what keeps
// "more seeds until it is significant" from inflating the error.
class Looks {
 public:
  // ConfigError where looks were taken under another design, or where no level is left for one at more seeds.
  Looks(const Experiment& experiment, const std::filesystem::path& directory);

  const std::vector<Look>& list() const { return looks_; }
  int64_t number() const;  // of the look at the experiment's seeds, from 1
  double level() const { return level_of(number()); }
  double next_level() const;  // of the look after it; that of this one where none is left
  const Look::Claim* final_claim(const std::string& arm, const std::string& stratum) const;  // of an earlier look

  // Adds this look, or replaces it where more of its runs have finished since.
  void record(std::vector<Look::Claim> claims);

 private:
  double level_of(int64_t look) const;

  std::filesystem::path file_;
  nlohmann::json design_;
  StatisticsOptions statistics_;
  int64_t seeds_;
  std::vector<Look> looks_;
};

}  // namespace sublayer::experiment

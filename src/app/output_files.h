#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/evaluation/metric/metric.h"

namespace sublayer::app {

// What every command takes that scores files of text, a segment a line.
struct OutputFiles {
  std::string hypotheses, references, against;
  int64_t resamples = 1000;

  void add_to(CLI::App& command);
};

// How sure one may be, from the test items alone, that the hypotheses are better or worse than those in `files.against`: {"difference",
// "bootstrap": {"low", "high", "p"}, "randomisation": {"p"}, "resamples"}. UserError where the numbers of lines differ or the metric is not
// made of counts.
nlohmann::json difference_from_other(const OutputFiles& files, const std::vector<std::string>& hypotheses,
                                     const std::vector<std::string>& references, const metric::Metric& metric);

}  // namespace sublayer::app

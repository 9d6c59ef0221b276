#pragma once

#include <cstdint>
#include <functional>

#include "data/task/task.h"
#include "src/core/config/fields.h"
#include "src/core/noise.h"

namespace sublayer::task {

// Tasks that make up their examples: how many, and from which seed.
struct GeneratedOptions : config::Options {
  int64_t train = 10000, valid = 500, test = 500;
  uint64_t seed = 1;
  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
  // Each source stands in one example only. Close to all possible ones, drawing new ones takes too long.
  void check_enough(config::Checker& c, double possible_sources) const;
};

// One split of the different sources that `make` gives, so that none is in two splits. `make` is a pure function of the noise.
// Validation and test examples come first: another size of the training set leaves them as they are.
Corpus generate(const GeneratedOptions& options, Split split, const std::function<Example(const Noise&)>& make);

}  // namespace sublayer::task

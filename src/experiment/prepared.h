#pragma once

#include <filesystem>
#include <string>

#include "data/batch.h"
#include "data/task/task.h"
#include "data/tokenizer/tokenizers.h"
#include "src/experiment/run_config.h"

namespace sublayer::experiment {

// A training split that `sublayer prepare` has tokenised: its ids stay in files.
struct Prepared {
  data::Dataset train;
  tokenizer::Tokenizers tokenizers;
  std::string tokenizer_hash, text_hash;  // content
  task::Dropped dropped;
};

// The directory that training.prepared names, all of it checked. ConfigError where it does not fit the config, DataError where files are
// missing or not what was prepared; both say what to do.
Prepared open_prepared(const RunConfig& config);

// Keys of what prepared pairs depend on that differ between two configs, as "key: a here, b there", joined; empty where they fit.
std::string preparation_differences(const RunConfig& here, const RunConfig& there);

}  // namespace sublayer::experiment

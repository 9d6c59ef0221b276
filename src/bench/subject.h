#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/experiment/run.h"
#include "src/experiment/run_data.h"

namespace sublayer::bench {

// What is measured: the training that a config describes and its model with initial weights, or those of a run with its own.
struct Subject {
  std::string given;  // a config's file or a run's directory
  std::vector<std::string> overrides;
  experiment::RunConfig config;
  experiment::Corpora corpora;
  tokenizer::Tokenizers tokenizers;
  experiment::Datasets sets;
  std::shared_ptr<Seq2SeqModel> trained;                                                // null where a config is given
  std::string weights = "initial";                                                      // or "best (update 900)"
  double config_seconds = 0, data_seconds = 0, tokenizer_seconds = 0, ids_seconds = 0;  // to read and make it

  bool is_run() const { return trained != nullptr; }
};

// `checkpoint` as in open_run; absent: the best one. ConfigError where it is given with a config.
Subject open_subject(const std::string& given, const std::optional<std::string>& checkpoint, const std::vector<std::string>& overrides);

// The subject's search with further overrides, such as search.beam_size=5.
std::shared_ptr<search::Search> search_with(const Subject& subject, const std::vector<std::string>& overrides);

}  // namespace sublayer::bench

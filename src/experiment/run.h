#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/tokenizer/tokenizers.h"
#include "src/decoding/batches.h"
#include "src/experiment/run_config.h"
#include "src/training/checkpoint.h"

namespace sublayer::experiment {

// A finished or unfinished training on the disk, opened to use its model.
struct Run {
  std::filesystem::path directory;
  RunConfig config;
  nlohmann::json provenance;
  tokenizer::Tokenizers tokenizers;
  std::shared_ptr<Seq2SeqModel> model;  // not in training; on the config's device
  std::string weights;                  // which ones: "best (update 900)", ...

  // Whether higher values of the first validation metric are better.
  bool ranks_higher_first() const;
};

// `checkpoint`: best (by validation; the last where there was none), last, average (of `sublayer average`), or the path of a checkpoint.
// `overrides` may change run-time fields such as search.beam_size.
Run open_run(const std::filesystem::path& directory, const std::string& checkpoint, const std::vector<std::string>& overrides = {});

bool higher_is_better(const ValidationOptions& validation);

VocabularySizes sizes_of(const tokenizer::Tokenizers& tokenizers);

// Threads to use: what is asked for, or one per core; one for a GPU, each of whose operations takes all of it.
int64_t worker_count(const config::AutoCount& workers, at::Device device);

// How a config's model passes over many sentences.
decoding::BatchSettings batch_settings(const RunConfig& config, const Seq2SeqModel& model);

// Text ids of sources for decoding.
std::vector<std::vector<int64_t>> encode_sources(const tokenizer::Tokenizers& tokenizers, const std::vector<std::string>& sources);

}  // namespace sublayer::experiment

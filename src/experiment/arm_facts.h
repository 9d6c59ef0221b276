#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/experiment/run_data.h"

namespace sublayer::experiment {

// What a training of an arm consists of, known before it starts.
struct ArmFacts {
  int64_t parameters = 0;
  double flops = 0;                             // forward_flops of the model
  std::map<std::string, at::Tensor> initial;    // first values of every parameter
  std::map<std::string, double> dropout_sites;  // and their rates
  std::vector<std::string> remarks;             // what its modules worked out by themselves
  std::string data_order;                       // hash of the examples of the first epoch's first window, update by update
  int64_t updates_per_epoch = 0;                // as many in each window as in the first
  double tokens_per_update = 0;                 // real target tokens, mean of the first window
};

ArmFacts facts_of(const RunConfig& config, const Datasets& sets, const tokenizer::Tokenizers& tokenizers);

// What differs beyond the config keys themselves, one line each: sizes, shapes, initial values, dropout, data order, batches.
std::vector<std::string> confounds(const ArmFacts& arm, const ArmFacts& baseline);

}  // namespace sublayer::experiment

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/experiment/arm_facts.h"
#include "src/experiment/experiment.h"

namespace sublayer::experiment {

// An arm, built and compared with its baseline before anything is trained.
struct ArmCheck {
  const Arm* arm;
  int64_t parameters = 0;
  double flops = 0;                             // forward_flops of the model
  std::vector<std::string> config_differences;  // from the baseline, "key: here (there)"; layers that are alike stand in one line
  std::vector<std::string> confounds;           // what differs beyond them
  std::vector<std::string> notes;               // inherited keys that its variants do not have, and what they worked out by themselves
};

// The data of an experiment's runs, loaded once for all arms that read the same.
class ArmData {
 public:
  explicit ArmData(const TokenizerStore& store) : store_(store) {}
  struct Loaded {
    Corpora corpora;
    tokenizer::Tokenizers tokenizers;
    Datasets sets;
  };
  const Loaded& of(const RunConfig& config);

 private:
  const TokenizerStore& store_;
  std::vector<std::pair<std::string, std::shared_ptr<Loaded>>> loaded_;
};

// With the first seed. Without `compare`, the first arm is what the others are compared with.
std::vector<ArmCheck> check_arms(const Experiment& experiment, ArmData& data);

}  // namespace sublayer::experiment

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "models/model.h"
#include "src/training/probe/probe.h"

namespace sublayer::training {

// The probes of a training. Taking them changes no bit of it: activations are read in a pass of their own, after the update.
class Probes {
 public:
  using List = std::vector<Choice<probe::Probe>>;

  // ConfigError where a probe finds nothing to read at the modules that it names.
  Probes(Seq2SeqModel& model, const List& choices);

  bool is_due(int64_t update) const;

  // With an update's gradients, each times `scale` that of the mean loss, and the parameters as they were.
  void before_step(int64_t update, const std::vector<at::Tensor>& gradients, double scale);

  // With the new parameters, and the examples of the update's first micro-batch: {"gradient_norm/encoder.layers.0": 0.1, ...}.
  nlohmann::json after_step(int64_t update, const data::Dataset& train, const std::vector<int64_t>& examples);

 private:
  struct Attached {
    std::string name;
    std::shared_ptr<probe::Probe> probe;
    std::vector<std::string> modules;
  };
  struct Kept {  // of a parameter between the two calls
    at::Tensor gradient, before;
  };
  bool reads_parameter(const Attached& attached, const std::string& parameter) const;

  Seq2SeqModel& model_;
  std::vector<ParameterSpec> parameters_;
  std::vector<Attached> list_;
  std::vector<Kept> kept_;  // one per parameter, undefined where no due probe reads it
};

}  // namespace sublayer::training

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/module.h"
#include "src/core/config/choice.h"

namespace sublayer::optimizer {

// Parameters of some roles, and what is particular to them.
struct GroupOptions : config::Options {
  std::vector<std::string> roles;
  double learning_rate = 1;
  std::optional<double> weight_decay;
  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
};

// What every optimizer has.
struct OptimizerOptions : config::Options {
  double learning_rate = 0.001;
  double weight_decay = 0;
  std::vector<GroupOptions> groups;
  void fields(config::Fields& v) override {
    v("learning_rate", learning_rate, "step size, times the schedule's factor").otherwise("0.1");
    v("weight_decay", weight_decay, "pull of matrices to zero; gains and biases are left alone; 0 switches it off").otherwise("0.2");
    v("groups", groups, "parameters of some roles with a rate or decay of their own, e.g. [{roles: [embedding], learning_rate: 0.5}]")
        .otherwise("[{roles: [bias], learning_rate: 0.5}]")
        .otherwise("[{roles: [ffn_input], weight_decay: 0.3}]");
  }
  void check(config::Checker& c) const override;
};

// One update of parameters from their gradients.
class Optimizer {
 public:
  static constexpr const char* kind = "optimizer";
  static constexpr const char* kind_documentation = "one update of parameters from their gradients";
  using Arguments = std::tuple<const std::vector<ParameterSpec>&>;

  Optimizer(const OptimizerOptions& options, const std::vector<ParameterSpec>& parameters);
  virtual ~Optimizer() = default;

  // gradients[i] belongs to parameter i. `update` counts from 1; `factor` is the schedule's.
  virtual void step(const std::vector<at::Tensor>& gradients, int64_t update, double factor) = 0;
  double learning_rate() const { return learning_rate_; }  // of parameters in no group, without the schedule

  // Everything that a resumed training needs, as "<parameter>.<what>"; the tensors are the optimizer's own: copying into them restores it.
  const std::vector<std::pair<std::string, at::Tensor>>& state() const { return state_; }

 protected:
  // A zero tensor like each parameter, part of the state.
  std::vector<at::Tensor> add_state(const std::string& what);

  // A zero tensor of any shape for one parameter, part of the state.
  at::Tensor add_state(size_t parameter, const std::string& what, at::IntArrayRef shape);

  // What holds for one parameter: its step size under the schedule's factor, and the decay towards zero.
  double rate(size_t parameter, double factor) const { return learning_rate_ * factor * settings_[parameter].rate; }
  double decay(size_t parameter) const { return settings_[parameter].decay; }

  // The indices of parameters that have both in common.
  const std::vector<std::vector<size_t>>& alike() const { return alike_; }

  std::vector<at::Tensor> parameters_;

 private:
  struct Setting {
    double rate, decay;
    bool operator==(const Setting&) const = default;
  };
  double learning_rate_;
  std::vector<ParameterSpec> specs_;
  std::vector<Setting> settings_;
  std::vector<std::vector<size_t>> alike_;
  std::vector<std::pair<std::string, at::Tensor>> state_;
};

std::vector<at::Tensor> pick(const std::vector<at::Tensor>& tensors, const std::vector<size_t>& indices);

}  // namespace sublayer::optimizer

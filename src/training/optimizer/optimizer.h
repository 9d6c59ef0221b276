#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/module.h"
#include "src/core/config/choice.h"

namespace sublayer::optimizer {

// What every optimizer has.
struct OptimizerOptions : config::Options {
  double learning_rate = 0.001;
  double weight_decay = 0;
  void fields(config::Fields& v) override {
    v("learning_rate", learning_rate, "step size, times the schedule's factor");
    v("weight_decay", weight_decay, "pull of matrices to zero; gains and biases are left alone; 0 switches it off");
  }
  void check(config::Checker& c) const override {
    c.require(learning_rate > 0, "learning_rate", "must be positive");
    c.require(weight_decay >= 0, "weight_decay", "must not be negative");
  }
};

// One update of parameters from their gradients.
class Optimizer {
 public:
  static constexpr const char* kind = "optimizer";
  static constexpr const char* kind_documentation = "one update of parameters from their gradients";
  using Arguments = std::tuple<const std::vector<ParameterSpec>&>;

  explicit Optimizer(const std::vector<ParameterSpec>& parameters);
  virtual ~Optimizer() = default;

  // gradients[i] belongs to parameter i. `update` counts from 1; `factor` is the schedule's.
  virtual void step(const std::vector<at::Tensor>& gradients, int64_t update, double factor) = 0;
  virtual double learning_rate() const = 0;

  // Everything that a resumed training needs, as "<parameter>.<what>"; the tensors are the optimizer's own: copying into them restores it.
  const std::vector<std::pair<std::string, at::Tensor>>& state() const { return state_; }

 protected:
  // A zero tensor like each parameter, part of the state.
  std::vector<at::Tensor> add_state(const std::string& what);

  // A zero tensor of any shape for one parameter, part of the state.
  at::Tensor add_state(size_t parameter, const std::string& what, at::IntArrayRef shape);

  // Indices of parameters that weight decay acts on, or not.
  std::vector<size_t> indices(bool decayed) const;

  std::vector<at::Tensor> parameters_;

 private:
  std::vector<ParameterSpec> specs_;
  std::vector<std::pair<std::string, at::Tensor>> state_;
};

std::vector<at::Tensor> pick(const std::vector<at::Tensor>& tensors, const std::vector<size_t>& indices);

}  // namespace sublayer::optimizer

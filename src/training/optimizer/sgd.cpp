#include <ATen/ATen.h>

#include "src/training/optimizer/optimizer.h"

namespace sublayer::optimizer {
namespace {

// v = momentum * v + g; p -= rate * v, or with Nesterov's look ahead p -= rate * (g + momentum * v) (Sutskever et al. 2013).
class Sgd final : public Optimizer {
 public:
  struct Options : OptimizerOptions {
    double momentum = 0;
    bool nesterov = false;
    void fields(config::Fields& v) override {
      OptimizerOptions::fields(v);
      v("momentum", momentum, "memory of the velocity; 0 switches it off").otherwise("0.9");
      v("nesterov", nesterov, "whether to look ahead along the velocity").otherwise("true", "{momentum: 0.9}");
    }
    void check(config::Checker& c) const override {
      OptimizerOptions::check(c);
      c.require(momentum >= 0 && momentum < 1, "momentum", "must be at least 0 and below 1");
      c.require(!nesterov || momentum > 0, "nesterov", "needs a momentum above 0");
    }
  };
  Sgd(const Options& options, const std::vector<ParameterSpec>& parameters) : Optimizer(options, parameters), options_(options) {
    if (options.momentum > 0) velocities_ = add_state("velocity");
  }

  void step(const std::vector<at::Tensor>& gradients, int64_t, double factor) override {
    for (size_t i = 0; i < parameters_.size(); ++i) {
      auto gradient = gradients[i];
      if (decay(i) > 0) gradient = gradient.add(parameters_[i], decay(i));
      if (options_.momentum > 0) {
        velocities_[i].mul_(options_.momentum).add_(gradient);
        gradient = options_.nesterov ? gradient.add(velocities_[i], options_.momentum) : velocities_[i];
      }
      parameters_[i].add_(gradient, -rate(i, factor));
    }
  }

 private:
  Options options_;
  std::vector<at::Tensor> velocities_;
};

SUBLAYER_REGISTER(Optimizer, Sgd, "sgd", "stochastic gradient descent, with momentum if wanted");

}  // namespace
}  // namespace sublayer::optimizer

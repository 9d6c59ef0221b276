#include <ATen/ATen.h>

#include "src/training/optimizer/optimizer.h"

namespace sublayer::optimizer {
namespace {

// p -= rate * (sign(beta1 m + (1 - beta1) g) + decay p); m = beta2 m + (1 - beta2) g (Chen et al. 2023). Every step has the same size, so
// the rate is three to ten times below Adam's, and the decay as much above.
class Lion final : public Optimizer {
 public:
  struct Options : OptimizerOptions {
    double beta1 = 0.9, beta2 = 0.99;
    Options() { learning_rate = 0.0001; }
    void fields(config::Fields& v) override {
      OptimizerOptions::fields(v);
      v("beta1", beta1, "weight of the memory in the step's sign").otherwise("0.5");
      v("beta2", beta2, "memory of the mean gradient").otherwise("0.5");
    }
    void check(config::Checker& c) const override {
      OptimizerOptions::check(c);
      c.require(beta1 >= 0 && beta1 < 1, "beta1", "must be at least 0 and below 1");
      c.require(beta2 >= 0 && beta2 < 1, "beta2", "must be at least 0 and below 1");
    }
  };
  Lion(const Options& options, const std::vector<ParameterSpec>& parameters)
      : Optimizer(options, parameters), options_(options), means_(add_state("first_moment")) {}

  void step(const std::vector<at::Tensor>& gradients, int64_t, double factor) override {
    for (size_t i = 0; i < parameters_.size(); ++i) {
      const double rate = this->rate(i, factor);
      if (decay(i) > 0) parameters_[i].mul_(1 - rate * decay(i));
      parameters_[i].add_(means_[i].lerp(gradients[i], 1 - options_.beta1).sign_(), -rate);
      means_[i].lerp_(gradients[i], 1 - options_.beta2);
    }
  }

 private:
  Options options_;
  std::vector<at::Tensor> means_;
};

SUBLAYER_REGISTER(Optimizer, Lion, "lion", "the sign of a mean gradient, with decoupled weight decay");

}  // namespace
}  // namespace sublayer::optimizer

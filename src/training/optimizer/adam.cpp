#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>

#include "src/training/optimizer/optimizer.h"

namespace sublayer::optimizer {
namespace {

struct AdamOptions : OptimizerOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  void fields(config::Fields& v) override {
    OptimizerOptions::fields(v);
    v("beta1", beta1, "memory of the mean gradient").otherwise("0.5");
    v("beta2", beta2, "memory of the mean squared gradient").otherwise("0.5");
    v("epsilon", epsilon, "added to the root of the mean square").otherwise("0.1");
  }
  void check(config::Checker& c) const override {
    OptimizerOptions::check(c);
    c.require(beta1 >= 0 && beta1 < 1, "beta1", "must be at least 0 and below 1");
    c.require(beta2 >= 0 && beta2 < 1, "beta2", "must be at least 0 and below 1");
    c.require(epsilon > 0, "epsilon", "must be positive");
  }
};

// m and v are running means of g and g^2, corrected for their start at zero; p -= rate * m / (sqrt(v) + epsilon).
class AdamFamily : public Optimizer {
 public:
  AdamFamily(const AdamOptions& options, const std::vector<ParameterSpec>& parameters)
      : Optimizer(options, parameters), options_(options), means_(add_state("first_moment")), squares_(add_state("second_moment")) {}

  void step(const std::vector<at::Tensor>& gradients, int64_t update, double factor) override {
    const auto count = at::full({}, static_cast<double>(update), parameters_.front().options().dtype(at::kFloat));
    for (const auto& set : alike()) {
      apply(pick(parameters_, set), pick(gradients, set), pick(means_, set), pick(squares_, set),
            std::vector<at::Tensor>(set.size(), count), rate(set.front(), factor), decay(set.front()));
    }
  }

 protected:
  virtual void apply(at::TensorList parameters, at::TensorList gradients, at::TensorList means, at::TensorList squares,
                     at::TensorList counts, double rate, double decay) = 0;
  AdamOptions options_;

 private:
  std::vector<at::Tensor> means_, squares_;
};

// Kingma & Ba 2015; weight decay is added to the gradient.
class Adam final : public AdamFamily {
 public:
  struct Options : AdamOptions {};
  Adam(const Options& options, const std::vector<ParameterSpec>& parameters) : AdamFamily(options, parameters) {}

 protected:
  void apply(at::TensorList parameters, at::TensorList gradients, at::TensorList means, at::TensorList squares, at::TensorList counts,
             double rate, double decay) override {
    at::_fused_adam_(parameters, gradients, means, squares, {}, counts, rate, options_.beta1, options_.beta2, decay, options_.epsilon,
                     /*amsgrad=*/false, /*maximize=*/false);
  }
};

// Loshchilov & Hutter 2019; weight decay shrinks the parameter itself, by rate * weight_decay.
class AdamW final : public AdamFamily {
 public:
  struct Options : AdamOptions {
    Options() { weight_decay = 0.01; }
  };
  AdamW(const Options& options, const std::vector<ParameterSpec>& parameters) : AdamFamily(options, parameters) {}

 protected:
  void apply(at::TensorList parameters, at::TensorList gradients, at::TensorList means, at::TensorList squares, at::TensorList counts,
             double rate, double decay) override {
    at::_fused_adamw_(parameters, gradients, means, squares, {}, counts, rate, options_.beta1, options_.beta2, decay, options_.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  }
};

SUBLAYER_REGISTER(Optimizer, Adam, "adam", "steps scaled by running moments of the gradient");
SUBLAYER_REGISTER(Optimizer, AdamW, "adamw", "adam with weight decay apart from the gradient");

}  // namespace
}  // namespace sublayer::optimizer

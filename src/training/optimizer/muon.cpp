#include <ATen/ATen.h>

#include <cmath>

#include "src/training/optimizer/optimizer.h"

namespace sublayer::optimizer {
namespace {

// The nearest orthogonal matrix, roughly: a quintic Newton-Schulz iteration in bfloat16 that brings all singular values near 1.
at::Tensor orthogonalised(const at::Tensor& matrix, int64_t iterations) {
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
  const bool is_tall = matrix.size(0) > matrix.size(1);
  auto x = (is_tall ? matrix.t() : matrix).to(at::kBFloat16);
  x = x / x.norm().clamp_min(1e-7);
  for (int64_t i = 0; i < iterations; ++i) {
    const auto gram = at::mm(x, x.t());
    x = at::addmm(x, at::addmm(gram, gram, gram, b, c), x, a);
  }
  return (is_tall ? x.t() : x).to(matrix.scalar_type());
}

// Momentum whose steps are made orthogonal, for the matrices between the embeddings (Jordan et al. 2024); embeddings, the output projection
// and vectors take AdamW. Steps have the size of AdamW's (0.2 sqrt(max(outputs, inputs)), Liu et al. 2025), so one rate serves both.
class Muon final : public Optimizer {
 public:
  struct Options : OptimizerOptions {
    double momentum = 0.95;
    bool nesterov = true;
    int64_t iterations = 5;
    double beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8;
    void fields(config::Fields& v) override {
      OptimizerOptions::fields(v);
      v("momentum", momentum, "memory of the mean gradient of matrices").otherwise("0.5");
      v("nesterov", nesterov, "whether to look ahead along it").otherwise("false");
      v("iterations", iterations, "of Newton and Schulz, in bfloat16").otherwise("3");
      v("beta1", beta1, "AdamW's memory of the mean gradient").otherwise("0.5");
      v("beta2", beta2, "AdamW's memory of the mean squared gradient").otherwise("0.5");
      v("epsilon", epsilon, "added to the root of AdamW's mean square").otherwise("0.1");
    }
    void check(config::Checker& c) const override {
      OptimizerOptions::check(c);
      c.require(momentum >= 0 && momentum < 1, "momentum", "must be at least 0 and below 1");
      c.require(iterations > 0, "iterations", "must be positive");
      c.require(beta1 >= 0 && beta1 < 1, "beta1", "must be at least 0 and below 1");
      c.require(beta2 >= 0 && beta2 < 1, "beta2", "must be at least 0 and below 1");
      c.require(epsilon > 0, "epsilon", "must be positive");
    }
  };
  Muon(const Options& options, const std::vector<ParameterSpec>& parameters) : Optimizer(options, parameters), options_(options) {
    for (size_t i = 0; i < parameters.size(); ++i) {
      const auto sizes = parameters[i].tensor.sizes();
      means_.push_back(add_state(i, "first_moment", sizes));
      squares_.push_back(is_hidden_matrix(parameters[i].role) ? at::Tensor() : add_state(i, "second_moment", sizes));
    }
  }

  void step(const std::vector<at::Tensor>& gradients, int64_t update, double factor) override {
    const double t = static_cast<double>(update);
    for (size_t i = 0; i < parameters_.size(); ++i) {
      const double rate = this->rate(i, factor);
      auto& parameter = parameters_[i];
      const auto& gradient = gradients[i];
      if (decay(i) > 0) parameter.mul_(1 - rate * decay(i));
      if (squares_[i].defined()) {
        means_[i].lerp_(gradient, 1 - options_.beta1);
        squares_[i].mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
        const auto root = (squares_[i] / (1 - std::pow(options_.beta2, t))).sqrt_().add_(options_.epsilon);
        parameter.addcdiv_(means_[i], root, -rate / (1 - std::pow(options_.beta1, t)));
      } else {
        means_[i].lerp_(gradient, 1 - options_.momentum);
        const auto direction = options_.nesterov ? gradient.lerp(means_[i], options_.momentum) : means_[i];
        const double size = 0.2 * std::sqrt(static_cast<double>(std::max(parameter.size(0), parameter.size(1))));
        parameter.add_(orthogonalised(direction, options_.iterations), -rate * size);
      }
    }
  }

 private:
  static bool is_hidden_matrix(Role role) { return is_matrix(role) && role != Role::output_projection; }

  Options options_;
  std::vector<at::Tensor> means_, squares_;  // no squares where the step is made orthogonal
};

SUBLAYER_REGISTER(Optimizer, Muon, "muon", "orthogonal steps for hidden matrices, AdamW for the rest");

}  // namespace
}  // namespace sublayer::optimizer

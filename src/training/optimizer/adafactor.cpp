#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "src/training/optimizer/optimizer.h"

namespace sublayer::optimizer {
namespace {

// Mean squares of a matrix's gradients from those of its rows and columns alone (Shazeer & Stern 2018, algorithm 4; details as in
// torch.optim.Adafactor). At update t the memory is 1 - t^decay; the step is clipped to a root mean square of `clip`, and its rate is
// min(learning_rate, 1 / sqrt(t)) times the root mean square of the parameter.
class Adafactor final : public Optimizer {
 public:
  struct Options : OptimizerOptions {
    double decay = -0.8, least_scale = 1e-3, clip = 1;
    Options() { learning_rate = 0.01; }
    void fields(config::Fields& v) override {
      OptimizerOptions::fields(v);
      v("decay", decay, "exponent of the memory: 1 - t^decay at update t").otherwise("-0.5");
      v("least_scale", least_scale, "least root mean square that a parameter counts with").otherwise("1");
      v("clip", clip, "root mean square above which a step is scaled down").otherwise("0.5");
    }
    void check(config::Checker& c) const override {
      OptimizerOptions::check(c);
      c.require(decay < 0, "decay", "must be negative");
      c.require(least_scale > 0, "least_scale", "must be positive");
      c.require(clip > 0, "clip", "must be positive");
    }
  };
  Adafactor(const Options& options, const std::vector<ParameterSpec>& parameters) : Optimizer(options, parameters), options_(options) {
    for (size_t i = 0; i < parameters.size(); ++i) {
      const auto sizes = parameters[i].tensor.sizes();
      if (sizes.size() > 1) {
        rows_.push_back(add_state(i, "row_square", {sizes[0], 1}));
        columns_.push_back(add_state(i, "column_square", {1, sizes[1]}));
      } else {
        rows_.push_back(add_state(i, "square", sizes));
        columns_.emplace_back();
      }
    }
  }

  void step(const std::vector<at::Tensor>& gradients, int64_t update, double factor) override {
    const double t = static_cast<double>(update), base = learning_rate() * factor, fresh = std::pow(t, options_.decay);
    for (size_t i = 0; i < parameters_.size(); ++i) {
      const double rate = this->rate(i, factor), of_group = base > 0 ? rate / base : 0;
      auto& parameter = parameters_[i];
      const double smallest =
          parameter.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
      const double size = std::sqrt(static_cast<double>(parameter.numel()));
      const double scale =
          std::max(options_.least_scale, parameter.norm().item<double>() / size) * std::min(base, 1 / std::sqrt(t)) * of_group;
      if (decay(i) > 0) parameter.mul_(1 - rate * decay(i));
      auto step = mean_square(i, gradients[i], fresh, smallest).clamp_min_(smallest * smallest).rsqrt_().mul_(gradients[i]);
      const double clipped = std::max(1.0, step.norm().item<double>() / (size * options_.clip));
      parameter.add_(step, -scale / clipped);
    }
  }

 private:
  // The estimate for each element, after the latest gradient had its share.
  at::Tensor mean_square(size_t i, const at::Tensor& gradient, double fresh, double smallest) {
    const auto square = gradient.square();
    if (!columns_[i].defined()) return rows_[i].lerp_(square, fresh).clone();
    rows_[i].lerp_(square.mean(1, /*keepdim=*/true), fresh);
    columns_[i].lerp_(square.mean(0, /*keepdim=*/true), fresh);
    return at::matmul(rows_[i], columns_[i]).div_(rows_[i].mean(0, /*keepdim=*/true).clamp_min(smallest));
  }

  Options options_;
  std::vector<at::Tensor> rows_, columns_;  // of a vector: its squares, nothing
};

SUBLAYER_REGISTER(Optimizer, Adafactor, "adafactor", "mean squares from rows and columns: little memory, steps relative to the parameter");

}  // namespace
}  // namespace sublayer::optimizer

#include <ATen/ATen.h>

#include <cmath>

#include "src/training/probe/probe.h"

namespace sublayer::probe {
namespace {

// L2 norm of the gradient of the mean loss, before clipping.
class GradientNorm final : public ParameterProbe {
 public:
  struct Options : ProbeOptions {
    Options() : ProbeOptions("*.layers.*") {}
  };
  explicit GradientNorm(const Options& options) : ParameterProbe(options) {}
  double of(const std::vector<ParameterChange>& parameters) const override {
    double square = 0;
    for (const auto& parameter : parameters) square += parameter.gradient.to(at::kDouble).square().sum().item<double>();
    return std::sqrt(square);
  }
};

SUBLAYER_REGISTER(Probe, GradientNorm, "gradient_norm", "norm of the gradient of a module's parameters, before clipping");

}  // namespace
}  // namespace sublayer::probe

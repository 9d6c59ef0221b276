#include <ATen/ATen.h>

#include "src/training/probe/probe.h"

namespace sublayer::probe {
namespace {

// sqrt(mean x^2) of a module's outputs.
class ActivationRms final : public ActivationProbe {
 public:
  struct Options : ProbeOptions {
    Options() : ProbeOptions("*.layers.*") {}
  };
  explicit ActivationRms(const Options& options) : ActivationProbe(options) {}
  std::string_view reads() const override { return "output"; }
  double of(const at::Tensor& value) const override { return value.to(at::kDouble).square().mean().sqrt().item<double>(); }
};

SUBLAYER_REGISTER(Probe, ActivationRms, "activation_rms", "root mean square of a module's outputs");

}  // namespace
}  // namespace sublayer::probe

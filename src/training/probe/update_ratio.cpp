#include <ATen/ATen.h>

#include <cmath>

#include "src/training/probe/probe.h"

namespace sublayer::probe {
namespace {

// |after - before| / |before|, L2 norms over a module's parameters: how much an update moves them. About 0.001 is often called healthy.
class UpdateRatio final : public ParameterProbe {
 public:
  struct Options : ProbeOptions {
    Options() : ProbeOptions("*.layers.*") {}
  };
  explicit UpdateRatio(const Options& options) : ParameterProbe(options) {}
  double of(const std::vector<ParameterChange>& parameters) const override {
    double moved = 0, size = 0;
    for (const auto& [gradient, before, after] : parameters) {
      moved += (after.to(at::kDouble) - before.to(at::kDouble)).square().sum().item<double>();
      size += before.to(at::kDouble).square().sum().item<double>();
    }
    return std::sqrt(moved / size);
  }
};

SUBLAYER_REGISTER(Probe, UpdateRatio, "update_ratio", "how far an update moves a module's parameters, relative to their norm");

}  // namespace
}  // namespace sublayer::probe

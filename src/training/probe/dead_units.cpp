#include <ATen/ATen.h>

#include "src/training/probe/probe.h"

namespace sublayer::probe {
namespace {

// Share of units (columns) whose output is above 0 at no token of the micro-batch. A relu's unit that stays so has no gradient and is lost.
class DeadUnits final : public ActivationProbe {
 public:
  struct Options : ProbeOptions {
    Options() : ProbeOptions("*.layers.**.activation") {}
  };
  explicit DeadUnits(const Options& options) : ActivationProbe(options) {}
  std::string_view reads() const override { return "output"; }
  double of(const at::Tensor& value) const override { return 1 - value.gt(0).any(0).to(at::kDouble).mean().item<double>(); }
};

SUBLAYER_REGISTER(Probe, DeadUnits, "dead_units", "share of units whose output is above 0 at no token");

}  // namespace
}  // namespace sublayer::probe

#include <ATen/ATen.h>

#include "src/training/probe/probe.h"

namespace sublayer::probe {
namespace {

// -sum_s w_s ln w_s of each query's weights, mean over queries and heads, in nats: 0 where a head looks at one key, ln S where at all S
// alike.
class AttentionEntropy final : public ActivationProbe {
 public:
  struct Options : ProbeOptions {
    Options() : ProbeOptions("*.layers.**") {}
  };
  explicit AttentionEntropy(const Options& options) : ActivationProbe(options) {}
  std::string_view reads() const override { return "weights"; }
  double of(const at::Tensor& value) const override { return at::special_entr(value.to(at::kDouble)).sum(-1).mean().item<double>(); }
};

SUBLAYER_REGISTER(Probe, AttentionEntropy, "attention_entropy", "entropy of attention weights in nats, mean over queries and heads");

}  // namespace
}  // namespace sublayer::probe

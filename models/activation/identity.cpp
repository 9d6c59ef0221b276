#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// x: a feed-forward network without non-linearity, or the gate of a bilinear unit.
class Identity final : public Activation {
 public:
  struct Options : config::Options {};
  explicit Identity(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return x; }
};

SUBLAYER_REGISTER(Activation, Identity, "identity", "x: no non-linearity");

}  // namespace
}  // namespace sublayer::activation

#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// max(0, x), the activation of Vaswani et al. 2017 (Nair & Hinton 2010).
class Relu final : public Activation {
 public:
  struct Options : config::Options {};
  explicit Relu(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::relu(x); }
  const kernels::Elementwise* kernel() const override { return &kernels::relu; }
};

SUBLAYER_REGISTER(Activation, Relu, "relu", "max(0, x)");

}  // namespace
}  // namespace sublayer::activation

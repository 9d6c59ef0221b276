#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2: the cheaper form of gelu (Hendrycks & Gimpel 2016).
class GeluTanh final : public Activation {
 public:
  struct Options : config::Options {};
  explicit GeluTanh(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::gelu(x, "tanh"); }
  const kernels::Elementwise* kernel() const override { return &kernels::gelu_tanh; }
};

SUBLAYER_REGISTER(Activation, GeluTanh, "gelu_tanh", "x * Phi(x), approximated with tanh");

}  // namespace
}  // namespace sublayer::activation

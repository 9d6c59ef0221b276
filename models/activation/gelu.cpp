#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// x * Phi(x) with the exact error function (Hendrycks & Gimpel 2016).
class Gelu final : public Activation {
 public:
  struct Options : config::Options {};
  explicit Gelu(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::gelu(x, "none"); }
  const kernels::Elementwise* kernel() const override { return &kernels::gelu; }
};

SUBLAYER_REGISTER(Activation, Gelu, "gelu", "x * Phi(x), with the exact normal distribution function");

}  // namespace
}  // namespace sublayer::activation

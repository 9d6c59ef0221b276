#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// x * tanh(ln(1 + e^x)) (Misra 2019).
class Mish final : public Activation {
 public:
  struct Options : config::Options {};
  explicit Mish(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::mish(x); }
};

SUBLAYER_REGISTER(Activation, Mish, "mish", "x * tanh(softplus(x))");

}  // namespace
}  // namespace sublayer::activation

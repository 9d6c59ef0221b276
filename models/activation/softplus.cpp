#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// ln(1 + e^x) (Dugas et al. 2001): a smooth relu.
class Softplus final : public Activation {
 public:
  struct Options : config::Options {};
  explicit Softplus(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::softplus(x); }
};

SUBLAYER_REGISTER(Activation, Softplus, "softplus", "ln(1 + e^x)");

}  // namespace
}  // namespace sublayer::activation

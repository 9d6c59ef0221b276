#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// max(0, x)^2 (Primer, So et al. 2021).
class SquaredRelu final : public Activation {
 public:
  struct Options : config::Options {};
  explicit SquaredRelu(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::relu(x).square(); }
};

SUBLAYER_REGISTER(Activation, SquaredRelu, "squared_relu", "max(0, x)^2");

}  // namespace
}  // namespace sublayer::activation

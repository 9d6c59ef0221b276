#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// (e^x - e^-x) / (e^x + e^-x).
class Tanh final : public Activation {
 public:
  struct Options : config::Options {};
  explicit Tanh(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::tanh(x); }
};

SUBLAYER_REGISTER(Activation, Tanh, "tanh", "hyperbolic tangent");

}  // namespace
}  // namespace sublayer::activation

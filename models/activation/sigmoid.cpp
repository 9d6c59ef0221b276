#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// 1 / (1 + e^-x). As the gate of a gated network it gives the GLU (Dauphin et al. 2017).
class Sigmoid final : public Activation {
 public:
  struct Options : config::Options {};
  explicit Sigmoid(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::sigmoid(x); }
};

SUBLAYER_REGISTER(Activation, Sigmoid, "sigmoid", "1 / (1 + e^-x)");

}  // namespace
}  // namespace sublayer::activation

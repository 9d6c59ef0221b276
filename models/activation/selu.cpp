#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// 1.0507 (x where positive, else 1.67326 (e^x - 1)) (Klambauer et al. 2017).
class Selu final : public Activation {
 public:
  struct Options : config::Options {};
  explicit Selu(const Options&) {}
  at::Tensor forward(const at::Tensor& x) override { return at::selu(x); }
};

SUBLAYER_REGISTER(Activation, Selu, "selu", "elu scaled so that mean 0 and variance 1 keep themselves");

}  // namespace
}  // namespace sublayer::activation

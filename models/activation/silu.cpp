#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// x * sigmoid(beta x): SiLU at beta 1, Swish otherwise (Ramachandran et al. 2017).
class Silu final : public Activation {
 public:
  struct Options : config::Options {
    double beta = 1;
    void fields(config::Fields& v) override { v("beta", beta, "slope inside the sigmoid; 0 makes it x / 2").otherwise("2"); }
  };
  explicit Silu(const Options& options) : beta_(options.beta) {}
  at::Tensor forward(const at::Tensor& x) override { return beta_ == 1 ? at::silu(x) : x * at::sigmoid(x * beta_); }
  const kernels::Elementwise* kernel() const override { return beta_ == 1 ? &kernels::silu : nullptr; }

 private:
  double beta_;
};

SUBLAYER_REGISTER(Activation, Silu, "silu", "x * sigmoid(beta x), also known as Swish");

}  // namespace
}  // namespace sublayer::activation

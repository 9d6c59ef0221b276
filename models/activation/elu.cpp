#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// x where positive, else alpha (e^x - 1) (Clevert et al. 2016).
class Elu final : public Activation {
 public:
  struct Options : config::Options {
    double alpha = 1;
    void fields(config::Fields& v) override { v("alpha", alpha, "value that very negative inputs tend to, negated").otherwise("0.5"); }
    void check(config::Checker& c) const override { c.require(alpha > 0, "alpha", "must be positive"); }
  };
  explicit Elu(const Options& options) : alpha_(options.alpha) {}
  at::Tensor forward(const at::Tensor& x) override { return at::elu(x, alpha_); }

 private:
  double alpha_;
};

SUBLAYER_REGISTER(Activation, Elu, "elu", "x, or alpha (e^x - 1) below 0");

}  // namespace
}  // namespace sublayer::activation

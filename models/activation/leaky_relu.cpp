#include "models/activation/activation.h"

namespace sublayer::activation {
namespace {

// x where positive, else slope * x (Maas et al. 2013).
class LeakyRelu final : public Activation {
 public:
  struct Options : config::Options {
    double slope = 0.01;
    void fields(config::Fields& v) override { v("slope", slope, "factor for negative inputs").otherwise("0.3"); }
    void check(config::Checker& c) const override { c.require(slope >= 0, "slope", "must not be negative"); }
  };
  explicit LeakyRelu(const Options& options) : slope_(options.slope) {}
  at::Tensor forward(const at::Tensor& x) override { return at::leaky_relu(x, slope_); }

 private:
  double slope_;
};

SUBLAYER_REGISTER(Activation, LeakyRelu, "leaky_relu", "x, or a small multiple of it below 0");

}  // namespace
}  // namespace sublayer::activation

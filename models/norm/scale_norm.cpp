#include <cmath>

#include "models/norm/norm.h"
#include "models/precision.h"

namespace sublayer::norm {
namespace {

// g * x / max(|x|, epsilon) with one trained g, at first sqrt(d) (Nguyen & Salazar 2019).
class ScaleNorm final : public Norm {
 public:
  struct Options : config::Options {
    double epsilon = 1e-5;
    void fields(config::Fields& v) override { v("epsilon", epsilon, "least length that is divided by").otherwise("5"); }
    void check(config::Checker& c) const override { c.require(epsilon > 0, "epsilon", "must be positive"); }
  };
  ScaleNorm(const Options& options, int64_t width) : epsilon_(options.epsilon) {
    scale_ = add_parameter("scale", {1}, Role::gain, std::sqrt(static_cast<double>(width)));
  }
  at::Tensor forward(const at::Tensor& x) override {
    const auto exact = widened(x);
    return (exact * (widened(scale_) / exact.norm(2, -1, /*keepdim=*/true).clamp_min(epsilon_))).to(x.scalar_type());
  }

 private:
  double epsilon_;
  at::Tensor scale_;
};

SUBLAYER_REGISTER(Norm, ScaleNorm, "scale_norm", "to one trained length");

}  // namespace
}  // namespace sublayer::norm

#include "models/norm/norm.h"

namespace sublayer::norm {
namespace {

// x / sqrt(mean(x^2) + epsilon) * weight (Zhang & Sennrich 2019).
class RmsNorm final : public Norm {
 public:
  struct Options : config::Options {
    double epsilon = 1e-6;
    void fields(config::Fields& v) override { v("epsilon", epsilon, "added to the mean square"); }
    void check(config::Checker& c) const override { c.require(epsilon > 0, "epsilon", "must be positive"); }
  };
  RmsNorm(const Options& options, int64_t width) : epsilon_(options.epsilon) {
    weight_ = add_parameter("weight", {width}, Role::norm_gain);
  }
  at::Tensor forward(const at::Tensor& x) override { return x * (x.square().mean(-1, /*keepdim=*/true) + epsilon_).rsqrt() * weight_; }

 private:
  double epsilon_;
  at::Tensor weight_;
};

SUBLAYER_REGISTER(Norm, RmsNorm, "rms_norm", "to root mean square 1, then gain");

}  // namespace
}  // namespace sublayer::norm

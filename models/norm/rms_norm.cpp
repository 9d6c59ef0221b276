#include "models/norm/norm.h"
#include "models/precision.h"

namespace sublayer::norm {
namespace {

// x / sqrt(mean(x^2) + epsilon) * weight (Zhang & Sennrich 2019).
class RmsNorm final : public Norm {
 public:
  struct Options : config::Options {
    double epsilon = 1e-6;
    bool gain = true;
    void fields(config::Fields& v) override {
      v("epsilon", epsilon, "added to the mean square").otherwise("0.1");
      v("gain", gain, "whether there is a trained factor for each feature").otherwise("false");
    }
    void check(config::Checker& c) const override { c.require(epsilon > 0, "epsilon", "must be positive"); }
  };
  RmsNorm(const Options& options, int64_t width) : epsilon_(options.epsilon) {
    if (options.gain) weight_ = add_parameter("weight", {width}, Role::gain, 1);
  }
  at::Tensor forward(const at::Tensor& x) override {
    const auto exact = widened(x);
    auto normalised = exact * (exact.square().mean(-1, /*keepdim=*/true) + epsilon_).rsqrt();
    if (weight_) normalised = normalised * widened(*weight_);
    return normalised.to(x.scalar_type());
  }
  std::optional<kernels::NormFormula> formula() const override { return kernels::NormFormula{weight_, {}, epsilon_, false}; }

 private:
  double epsilon_;
  std::optional<at::Tensor> weight_;
};

SUBLAYER_REGISTER(Norm, RmsNorm, "rms_norm", "to root mean square 1, then gain");

}  // namespace
}  // namespace sublayer::norm

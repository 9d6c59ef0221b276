#include "models/norm/norm.h"

namespace sublayer::norm {
namespace {

// tanh(alpha x) * weight + bias with one trained alpha (DyT, Zhu et al. 2025): squashes outliers and looks at no statistics.
class DynamicTanh final : public Norm {
 public:
  struct Options : config::Options {
    double alpha = 0.5;
    bool gain = true, bias = true;
    void fields(config::Fields& v) override {
      v("alpha", alpha, "first value of the trained slope").otherwise("1");
      v("gain", gain, "whether there is a trained factor for each feature").otherwise("false");
      v("bias", bias, "whether there is a trained shift for each feature").otherwise("false");
    }
    void check(config::Checker& c) const override { c.require(alpha > 0, "alpha", "must be positive"); }
  };
  DynamicTanh(const Options& options, int64_t width) {
    alpha_ = add_parameter("alpha", {1}, Role::gain, options.alpha);
    if (options.gain) weight_ = add_parameter("weight", {width}, Role::gain, 1);
    if (options.bias) bias_ = add_parameter("bias", {width}, Role::bias, 0);
  }
  at::Tensor forward(const at::Tensor& x) override {
    auto y = (x * alpha_).tanh();
    if (weight_) y = y * *weight_;
    return bias_ ? y + *bias_ : y;
  }

 private:
  at::Tensor alpha_;
  std::optional<at::Tensor> weight_, bias_;
};

SUBLAYER_REGISTER(Norm, DynamicTanh, "dynamic_tanh", "a tanh of trained slope in the place of a norm (DyT)");

}  // namespace
}  // namespace sublayer::norm

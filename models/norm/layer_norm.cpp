#include "models/norm/norm.h"

namespace sublayer::norm {
namespace {

// (x - mean) / sqrt(variance + epsilon) * weight + bias (Ba et al. 2016).
class LayerNorm final : public Norm {
 public:
  struct Options : config::Options {
    double epsilon = 1e-5;
    bool gain = true, bias = true;
    void fields(config::Fields& v) override {
      v("epsilon", epsilon, "added to the variance").otherwise("0.1");
      v("gain", gain, "whether there is a trained factor for each feature").otherwise("false");
      v("bias", bias, "whether there is a trained shift for each feature").otherwise("false");
    }
    void check(config::Checker& c) const override { c.require(epsilon > 0, "epsilon", "must be positive"); }
  };
  LayerNorm(const Options& options, int64_t width) : epsilon_(options.epsilon), width_(width) {
    if (options.gain) weight_ = add_parameter("weight", {width}, Role::gain, 1);
    if (options.bias) bias_ = add_parameter("bias", {width}, Role::bias, 0);
  }
  at::Tensor forward(const at::Tensor& x) override { return at::layer_norm(x, {width_}, weight_, bias_, epsilon_); }
  std::optional<kernels::NormFormula> formula() const override { return kernels::NormFormula{weight_, bias_, epsilon_, true}; }

 private:
  double epsilon_;
  int64_t width_;
  std::optional<at::Tensor> weight_, bias_;
};

SUBLAYER_REGISTER(Norm, LayerNorm, "layer_norm", "to mean 0 and variance 1, then gain and bias");

}  // namespace
}  // namespace sublayer::norm

#include "models/norm/norm.h"

namespace sublayer::norm {
namespace {

// (x - mean) / sqrt(variance + epsilon) * weight + bias (Ba et al. 2016).
class LayerNorm final : public Norm {
 public:
  struct Options : config::Options {
    double epsilon = 1e-5;
    void fields(config::Fields& v) override { v("epsilon", epsilon, "added to the variance"); }
    void check(config::Checker& c) const override { c.require(epsilon > 0, "epsilon", "must be positive"); }
  };
  LayerNorm(const Options& options, int64_t width) : epsilon_(options.epsilon), width_(width) {
    weight_ = add_parameter("weight", {width}, Role::norm_gain);
    bias_ = add_parameter("bias", {width}, Role::bias);
  }
  at::Tensor forward(const at::Tensor& x) override { return at::layer_norm(x, {width_}, weight_, bias_, epsilon_); }

 private:
  double epsilon_;
  int64_t width_;
  at::Tensor weight_, bias_;
};

SUBLAYER_REGISTER(Norm, LayerNorm, "layer_norm", "to mean 0 and variance 1, then gain and bias");

}  // namespace
}  // namespace sublayer::norm

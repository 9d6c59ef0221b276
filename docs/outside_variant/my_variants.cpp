// Two variants outside of Sublayer's repository; README.md has the commands. They stand in anonymous namespaces, as the program's own do:
// what is in none shares its name with the program and with all other loaded files.

#include "models/activation/activation.h"
#include "models/norm/norm.h"

namespace {

using namespace sublayer;

// x + sin^2(rate x) / rate (Ziyin et al. 2020).
class Snake final : public activation::Activation {
 public:
  struct Options : config::Options {
    double rate = 1;
    void fields(config::Fields& v) override { v("rate", rate, "angular frequency").otherwise("2"); }
    void check(config::Checker& c) const override { c.require(rate > 0, "rate", "must be positive"); }
  };
  explicit Snake(const Options& options) : rate_(options.rate) {}
  at::Tensor forward(const at::Tensor& x) override { return x + (rate_ * x).sin().square() / rate_; }

 private:
  double rate_;
};

// x / (mean |x| + epsilon) * weight.
class MeanAbsoluteNorm final : public norm::Norm {
 public:
  struct Options : config::Options {
    double epsilon = 1e-5;
    void fields(config::Fields& v) override { v("epsilon", epsilon, "added to the mean").otherwise("0.1"); }
    void check(config::Checker& c) const override { c.require(epsilon > 0, "epsilon", "must be positive"); }
  };
  MeanAbsoluteNorm(const Options& options, int64_t width)
      : epsilon_(options.epsilon), weight_(add_parameter("weight", {width}, Role::gain, 1)) {}
  at::Tensor forward(const at::Tensor& x) override { return x / (x.abs().mean(-1, /*keepdim=*/true) + epsilon_) * weight_; }

 private:
  double epsilon_;
  at::Tensor weight_;
};

SUBLAYER_REGISTER(activation::Activation, Snake, "snake", "x + sin^2(rate x) / rate");
SUBLAYER_REGISTER(norm::Norm, MeanAbsoluteNorm, "mean_absolute_norm", "to mean absolute value 1, then gain");

}  // namespace

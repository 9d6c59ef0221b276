#include <cmath>

#include "models/residual/residual.h"

namespace sublayer::residual {
namespace {

struct DeepNormFactors {
  double alpha, beta;
};

class DeepNormConnection final : public Connection {
 public:
  DeepNormConnection(const SublayerPlace& place, const DeepNormFactors& factors) : Connection(place), factors_(factors) {
    norm_ = register_module("norm", place.norm.build(place.d_model));
  }
  Stream forward(Stream stream, const Body& body, Context& context) override {
    const auto [y, drop] = branch(stream.main, body, context);
    return {norm_->normalise_sum(stream.main * factors_.alpha, y, drop, context), {}};
  }
  double initial_gain(Role role) const override {
    switch (role) {
      case Role::attention_value:
      case Role::attention_output:
      case Role::ffn_input:
      case Role::ffn_gate:
      case Role::ffn_output:
        return factors_.beta;
      default:
        return 1;
    }
  }

 private:
  DeepNormFactors factors_;
  std::shared_ptr<norm::Norm> norm_;
};

// norm(alpha x + body(x)), with the matrices of values, of attention's output and of the feed-forward network begun beta times smaller
// (Wang et al. 2022, DeepNet). With N encoder and M decoder layers: encoder alpha = 0.81 (N^4 M)^(1/16), beta = 0.87 (N^4 M)^(-1/16);
// decoder alpha = (3 M)^(1/4), beta = (12 M)^(-1/4).
class DeepNorm final : public Residual {
 public:
  struct Options : config::Options {
    std::optional<double> alpha, beta;
    void fields(config::Fields& v) override {
      v("alpha", alpha, "factor on the skip; ~: the paper's, from both depths").otherwise("2");
      v("beta", beta, "factor on first values; ~: the paper's, from both depths").otherwise("0.5");
    }
    void check(config::Checker& c) const override {
      c.require(!alpha || *alpha > 0, "alpha", "must be positive");
      c.require(!beta || *beta > 0, "beta", "must be positive");
    }
  };
  DeepNorm(const Options& options, const StackPlace& place) {
    const auto n = static_cast<double>(place.encoder_layers), m = static_cast<double>(place.decoder_layers);
    const double both = std::pow(std::pow(n, 4) * m, 1.0 / 16);
    factors_ =
        place.is_decoder ? DeepNormFactors{std::pow(3 * m, 0.25), std::pow(12 * m, -0.25)} : DeepNormFactors{0.81 * both, 0.87 / both};
    if (options.alpha) factors_.alpha = *options.alpha;
    if (options.beta) factors_.beta = *options.beta;
  }
  std::shared_ptr<Connection> connect(const SublayerPlace& place) const override {
    return std::make_shared<DeepNormConnection>(place, factors_);
  }
  std::string remark() const override {
    char text[80];
    std::snprintf(text, sizeof text, "alpha %.4f, beta %.4f", factors_.alpha, factors_.beta);
    return text;
  }

 private:
  DeepNormFactors factors_;
};

SUBLAYER_REGISTER(Residual, DeepNorm, "deepnorm", "Post-LN with a larger skip and smaller first values, by depth");

}  // namespace
}  // namespace sublayer::residual

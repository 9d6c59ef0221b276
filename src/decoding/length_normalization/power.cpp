#include <cmath>

#include "src/decoding/length_normalization/length_normalization.h"

namespace sublayer::length_normalization {
namespace {

// alpha below 0 would make a score fall with the length.
struct AlphaOptions : config::Options {
  explicit AlphaOptions(double default_alpha) : alpha(default_alpha) {}
  double alpha;
  void fields(config::Fields& v) override {
    v("alpha", alpha, "exponent; 0 leaves the log-probability as it is, more prefers longer targets").otherwise("0.3");
  }
  void check(config::Checker& c) const override { c.require(alpha >= 0, "alpha", "must not be negative"); }
};

// log p / length^alpha; with alpha = 1 the mean log-probability of a token (Cho et al. 2014).
class Power final : public LengthNormalization {
 public:
  struct Options : AlphaOptions {
    Options() : AlphaOptions(1) {}
  };
  explicit Power(const Options& options) : alpha_(options.alpha) {}
  double score(double log_probability, int64_t length) const override {
    return log_probability / std::pow(static_cast<double>(length), alpha_);
  }

 private:
  double alpha_;
};

// log p / ((5 + length) / 6)^alpha (Wu et al. 2016): milder on short targets. Vaswani et al. 2017 use it with alpha = 0.6.
class Gnmt final : public LengthNormalization {
 public:
  struct Options : AlphaOptions {
    Options() : AlphaOptions(0.6) {}
  };
  explicit Gnmt(const Options& options) : alpha_(options.alpha) {}
  double score(double log_probability, int64_t length) const override {
    return log_probability / std::pow((5 + static_cast<double>(length)) / 6, alpha_);
  }

 private:
  double alpha_;
};

SUBLAYER_REGISTER(LengthNormalization, Power, "power", "log-probability / length^alpha");
SUBLAYER_REGISTER(LengthNormalization, Gnmt, "gnmt", "log-probability / ((5 + length) / 6)^alpha");

}  // namespace
}  // namespace sublayer::length_normalization

#include "models/initializer/initializer.h"

namespace sublayer::initializer {
namespace {

// N(0, deviation^2) for every matrix (Radford et al. 2019 use 0.02).
class Normal final : public Initializer {
 public:
  struct Options : config::Options {
    double deviation = 0.02;
    void fields(config::Fields& v) override { v("deviation", deviation, "standard deviation").otherwise("0.1"); }
    void check(config::Checker& c) const override { c.require(deviation > 0, "deviation", "must be positive"); }
  };
  explicit Normal(const Options& options) : deviation_(options.deviation) {}

 protected:
  void fill_matrix(at::Tensor& matrix, const ParameterSpec&, const Noise& noise) const override {
    fill_normal(matrix, 0, deviation_, noise);
  }

 private:
  double deviation_;
};

SUBLAYER_REGISTER(Initializer, Normal, "normal", "normal with one standard deviation for all matrices");

}  // namespace
}  // namespace sublayer::initializer

#include <cmath>

#include "models/initializer/initializer.h"

namespace sublayer::initializer {
namespace {

// U(-a, a) with a = gain * sqrt(6 / (inputs + outputs)) (Glorot & Bengio 2010).
class XavierUniform final : public Initializer {
 public:
  struct Options : config::Options {
    double gain = 1;
    void fields(config::Fields& v) override { v("gain", gain, "factor on the range").otherwise("2"); }
    void check(config::Checker& c) const override { c.require(gain > 0, "gain", "must be positive"); }
  };
  explicit XavierUniform(const Options& options) : gain_(options.gain) {}

 protected:
  void fill_matrix(at::Tensor& matrix, const ParameterSpec&, const Noise& noise) const override {
    const double bound = gain_ * std::sqrt(6.0 / static_cast<double>(matrix.size(0) + matrix.size(1)));
    fill_uniform(matrix, -bound, bound, noise);
  }

 private:
  double gain_;
};

SUBLAYER_REGISTER(Initializer, XavierUniform, "xavier_uniform", "uniform, its range from inputs and outputs");

}  // namespace
}  // namespace sublayer::initializer

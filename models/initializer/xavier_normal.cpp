#include <cmath>

#include "models/initializer/initializer.h"

namespace sublayer::initializer {
namespace {

// N(0, s^2) with s = gain * sqrt(2 / (inputs + outputs)) (Glorot & Bengio 2010).
class XavierNormal final : public Initializer {
 public:
  struct Options : config::Options {
    double gain = 1;
    void fields(config::Fields& v) override { v("gain", gain, "factor on the deviation").otherwise("2"); }
    void check(config::Checker& c) const override { c.require(gain > 0, "gain", "must be positive"); }
  };
  explicit XavierNormal(const Options& options) : gain_(options.gain) {}

 protected:
  void fill_matrix(at::Tensor& matrix, const ParameterSpec&, const Noise& noise) const override {
    fill_normal(matrix, 0, gain_ * std::sqrt(2.0 / static_cast<double>(matrix.size(0) + matrix.size(1))), noise);
  }

 private:
  double gain_;
};

SUBLAYER_REGISTER(Initializer, XavierNormal, "xavier_normal", "normal, its deviation from inputs and outputs");

}  // namespace
}  // namespace sublayer::initializer

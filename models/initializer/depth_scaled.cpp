#include <cmath>

#include "models/initializer/initializer.h"
#include "src/core/path_pattern.h"

namespace sublayer::initializer {
namespace {

// Xavier's range over sqrt(l) in layer l, counted from 1 in either stack (DS-Init, Zhang et al. 2019): deep layers begin as smaller
// changes.
class DepthScaled final : public Initializer {
 public:
  struct Options : config::Options {
    double gain = 1;
    void fields(config::Fields& v) override { v("gain", gain, "factor on the range").otherwise("2"); }
    void check(config::Checker& c) const override { c.require(gain > 0, "gain", "must be positive"); }
  };
  explicit DepthScaled(const Options& options) : gain_(options.gain) {}

 protected:
  void fill_matrix(at::Tensor& matrix, const ParameterSpec& parameter, const Noise& noise) const override {
    const auto layer = static_cast<double>(1 + layer_pattern(parameter.name).layer);
    const double bound = gain_ * std::sqrt(6.0 / static_cast<double>(matrix.size(0) + matrix.size(1)) / layer);
    fill_uniform(matrix, -bound, bound, noise);
  }

 private:
  double gain_;
};

SUBLAYER_REGISTER(Initializer, DepthScaled, "depth_scaled", "xavier_uniform over the root of the layer's number (DS-Init)");

}  // namespace
}  // namespace sublayer::initializer

#include <cmath>

#include "models/initializer/initializer.h"

namespace sublayer::initializer {
namespace {

// xavier_uniform, but 0 where a sublayer hands its result to the residual stream (Zhang et al. 2019, Fixup): each begins by doing nothing.
class ZeroOutput final : public Initializer {
 public:
  struct Options : config::Options {};
  explicit ZeroOutput(const Options&) {}

 protected:
  void fill_matrix(at::Tensor& matrix, const ParameterSpec& parameter, const Noise& noise) const override {
    if (parameter.role == Role::attention_output || parameter.role == Role::ffn_output) {
      matrix.zero_();
    } else {
      const double bound = std::sqrt(6.0 / static_cast<double>(matrix.size(0) + matrix.size(1)));
      fill_uniform(matrix, -bound, bound, noise);
    }
  }
};

SUBLAYER_REGISTER(Initializer, ZeroOutput, "zero_output", "xavier_uniform, with output projections of sublayers at 0");

}  // namespace
}  // namespace sublayer::initializer

#include <cmath>

#include "models/initializer/initializer.h"

namespace sublayer::initializer {
namespace {

// N(0, 2 / (5 d)) (SmallInit, Nguyen & Salazar 2019): the deviation that Xavier gives a feed-forward matrix of d and 4 d, for all matrices.
// d is d_model.
class Small final : public Initializer {
 public:
  struct Options : config::Options {};
  explicit Small(const Options&) {}

 protected:
  void fill_matrix(at::Tensor& matrix, const ParameterSpec& parameter, const Noise& noise) const override {
    const bool writes_to_stream = parameter.role == Role::attention_output || parameter.role == Role::ffn_output;
    const auto d_model = static_cast<double>(matrix.size(writes_to_stream ? 0 : 1));  // [outputs, inputs]
    fill_normal(matrix, 0, std::sqrt(2 / (5 * d_model)), noise);
  }
};

SUBLAYER_REGISTER(Initializer, Small, "small", "normal with variance 2 / (5 d_model) for all matrices (SmallInit)");

}  // namespace
}  // namespace sublayer::initializer

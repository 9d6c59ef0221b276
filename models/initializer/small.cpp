#include <algorithm>
#include <cmath>

#include "models/initializer/initializer.h"

namespace sublayer::initializer {
namespace {

// N(0, 2 / (5 d)) (SmallInit, Nguyen & Salazar 2019): the deviation that Xavier gives a feed-forward matrix of d and 4 d, for all matrices.
// d is the narrower side of the matrix, which is d_model unless d_ff is below it.
class Small final : public Initializer {
 public:
  struct Options : config::Options {};
  explicit Small(const Options&) {}

 protected:
  void fill_matrix(at::Tensor& matrix, const ParameterSpec&, const Noise& noise) const override {
    const auto width = static_cast<double>(std::min(matrix.size(0), matrix.size(1)));
    fill_normal(matrix, 0, std::sqrt(2 / (5 * width)), noise);
  }
};

SUBLAYER_REGISTER(Initializer, Small, "small", "normal with variance 2 / (5 d_model) for all matrices (SmallInit)");

}  // namespace
}  // namespace sublayer::initializer

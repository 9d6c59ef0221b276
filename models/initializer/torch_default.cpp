#include <cmath>

#include "models/initializer/initializer.h"

namespace sublayer::initializer {
namespace {

// U(-a, a) with a = 1 / sqrt(inputs), the matrices of torch.nn.Linear (He et al. 2015 with slope sqrt(5)). Biases stay 0, unlike there.
class TorchDefault final : public Initializer {
 public:
  struct Options : config::Options {};
  explicit TorchDefault(const Options&) {}

 protected:
  void fill_matrix(at::Tensor& matrix, const ParameterSpec&, const Noise& noise) const override {
    const double bound = 1 / std::sqrt(static_cast<double>(matrix.size(1)));
    fill_uniform(matrix, -bound, bound, noise);
  }
};

SUBLAYER_REGISTER(Initializer, TorchDefault, "torch_default", "uniform, its range from the inputs alone, as in torch.nn.Linear");

}  // namespace
}  // namespace sublayer::initializer

#include <cmath>

#include "models/position/position.h"

namespace sublayer::position {
namespace {

// p[t, 2i] = sin(t / 10000^(2i / d)), p[t, 2i + 1] = cos(the same), added to the embeddings (Vaswani et al. 2017).
class Sinusoidal final : public Position {
 public:
  struct Options : PositionOptions {
    double base = 10000;
    void fields(config::Fields& v) override { v("base", base, "wavelengths run from 2 pi to 2 pi times this"); }
    void check(config::Checker& c) const override { c.require(base > 1, "base", "must be above 1"); }
  };
  Sinusoidal(const Options& options, int64_t d_model) : width_(d_model) {
    const int64_t half = (d_model + 1) / 2;
    frequencies_ = at::exp(at::arange(half, at::kDouble) * (-2 * std::log(options.base) / static_cast<double>(d_model))).to(at::kFloat);
  }
  at::Tensor embed(const at::Tensor& embeddings, const at::Tensor& positions) override {
    const auto angles = positions.to(at::kFloat).unsqueeze(1) * frequencies_;                        // [N, d / 2]
    const auto waves = at::stack({angles.sin(), angles.cos()}, -1).flatten(1).narrow(1, 0, width_);  // [N, d]
    return embeddings + waves.to(embeddings.scalar_type());
  }

 private:
  int64_t width_;
  at::Tensor frequencies_;  // [d / 2]
};

SUBLAYER_REGISTER(Position, Sinusoidal, "sinusoidal", "sine and cosine waves added to the embeddings");

}  // namespace
}  // namespace sublayer::position

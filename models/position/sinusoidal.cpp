#include <cmath>

#include "models/position/position.h"

namespace sublayer::position {
namespace {

// sin(t / 10000^(2i / d)) and cos(the same), added to the embeddings (Vaswani et al. 2017): as features 2i and 2i + 1, or, in Marian, i
// and i + d / 2.
class Sinusoidal final : public Position {
 public:
  struct Options : PositionOptions {
    double base = 10000;
    std::string order = "interleaved";
    void fields(config::Fields& v) override {
      v("base", base, "wavelengths run from 2 pi to 2 pi times this").otherwise("100");
      v.word("order", order, {"interleaved", "halves"}, "whether sines and cosines take turns, or all sines come first (Marian)")
          .otherwise("halves");
    }
    void check(config::Checker& c) const override { c.require(base > 1, "base", "must be above 1"); }
  };
  Sinusoidal(const Options& options, int64_t d_model) : width_(d_model), interleaves_(options.order == "interleaved") {
    const int64_t half = (d_model + 1) / 2;
    frequencies_ =
        add_constant(at::exp(at::arange(half, at::kDouble) * (-2 * std::log(options.base) / static_cast<double>(d_model))).to(at::kFloat));
  }
  at::Tensor embed(const at::Tensor& embeddings, const at::Tensor& positions) override {
    const auto angles = positions.to(at::kFloat).unsqueeze(1) * frequencies_;  // [N, d / 2]
    const auto sines = angles.sin(), cosines = angles.cos();
    const auto waves = interleaves_ ? at::stack({sines, cosines}, -1).flatten(1) : at::cat({sines, cosines}, 1);
    return embeddings + waves.narrow(1, 0, width_).to(embeddings.scalar_type());  // [N, d]
  }

 private:
  int64_t width_;
  bool interleaves_;
  at::Tensor frequencies_;  // [d / 2]
};

SUBLAYER_REGISTER(Position, Sinusoidal, "sinusoidal", "sine and cosine waves added to the embeddings");

}  // namespace
}  // namespace sublayer::position

#include <algorithm>
#include <cmath>

#include "models/position/position.h"

namespace sublayer::position {
namespace {

class Rotation final : public AttentionPosition {
 public:
  Rotation(int64_t turned_width, double base) : half_(turned_width / 2) {
    frequencies_ = add_constant(at::exp(at::arange(half_, at::kDouble) * (-std::log(base) / static_cast<double>(half_))).to(at::kFloat));
  }
  bool turns() const override { return true; }
  at::Tensor turned(const at::Tensor& x, const at::Tensor& positions) const override {
    const auto angles = positions.to(at::kFloat).unsqueeze(1) * frequencies_;  // [N, D / 2]
    const auto cosines = angles.cos().to(x.scalar_type()).unsqueeze(1), sines = angles.sin().to(x.scalar_type()).unsqueeze(1);
    const auto one = x.narrow(2, 0, half_), two = x.narrow(2, half_, half_);
    return at::cat({one * cosines - two * sines, two * cosines + one * sines, x.slice(2, 2 * half_)}, 2);
  }

 private:
  int64_t half_;
  at::Tensor frequencies_;  // [D / 2]
};

// Queries and keys are turned by an angle that grows with the position, so that scores know distances alone (RoPE, Su et al. 2021). Feature
// i is paired with i + D / 2. In encoder-decoder attention the target goes on where the source ends (RedLLM, Zhang et al. 2025).
class Rotary final : public Position {
 public:
  struct Options : PositionOptions {
    double base = 10000, share = 1;
    bool cross = true;
    void fields(config::Fields& v) override {
      v("base", base, "wavelengths run from 2 pi to about 2 pi times this").otherwise("100");
      v("share", share, "of a head's features that are turned, two at least").otherwise("0.5");
      v("cross", cross, "whether encoder-decoder attention is turned too").otherwise("false");
    }
    void check(config::Checker& c) const override {
      c.require(base > 1, "base", "must be above 1");
      c.require(share > 0 && share <= 1, "share", "must be above 0 and at most 1");
    }
    std::string objection(const AttentionPlace& place) const override {
      return place.d_head < 2 && (cross || !place.is_cross) ? "rotary turns pairs of features, but a head has one" : "";
    }
  };
  Rotary(const Options& options, int64_t) : options_(options) {}
  std::shared_ptr<AttentionPosition> for_attention(const AttentionPlace& place) override {
    if (place.is_cross && !options_.cross) return nullptr;
    const auto width = static_cast<int64_t>(std::lround(static_cast<double>(place.d_head) * options_.share)) / 2 * 2;
    return std::make_shared<Rotation>(std::max<int64_t>(width, 2), options_.base);
  }

 private:
  Options options_;
};

SUBLAYER_REGISTER(Position, Rotary, "rotary", "queries and keys are turned by their position (RoPE)");

}  // namespace
}  // namespace sublayer::position

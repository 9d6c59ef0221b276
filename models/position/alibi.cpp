#include <cmath>

#include "models/position/position.h"

namespace sublayer::position {
namespace {

class DistancePenalty final : public AttentionPosition {
 public:
  explicit DistancePenalty(int64_t heads) {
    slopes_ = add_constant(
        at::exp2(at::arange(1, heads + 1, at::kDouble) * (-8 / static_cast<double>(heads))).view({heads, 1, 1}).to(at::kFloat));
  }
  bool adds_to_scores() const override { return true; }
  at::Tensor added_to_scores(const at::Tensor& queries, const at::Tensor& offsets) const override {
    return offsets.abs().to(queries.scalar_type()).neg() * slopes_.to(queries.scalar_type());  // [H, T, S]
  }

 private:
  at::Tensor slopes_;  // [H, 1, 1]
};

// Head h of H takes 2^(-8 h / H) for each token of distance off the scores (ALiBi, Press et al. 2022), within a sequence, on both sides
// alike.
class Alibi final : public Position {
 public:
  struct Options : PositionOptions {};
  Alibi(const Options&, int64_t) {}
  std::shared_ptr<AttentionPosition> for_attention(const AttentionPlace& place) override {
    return place.is_cross ? nullptr : std::make_shared<DistancePenalty>(place.num_heads);
  }
};

SUBLAYER_REGISTER(Position, Alibi, "alibi", "scores fall with the distance, in each head at a slope of its own");

}  // namespace
}  // namespace sublayer::position

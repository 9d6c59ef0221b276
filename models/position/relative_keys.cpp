#include "models/position/position.h"

namespace sublayer::position {
namespace {

class DistanceKeys final : public AttentionPosition {
 public:
  DistanceKeys(int64_t max_distance, int64_t d_head) : max_distance_(max_distance) {
    weight_ = add_parameter("weight", {2 * max_distance + 1, d_head}, Role::position);
  }
  bool adds_to_scores() const override { return true; }
  at::Tensor added_to_scores(const at::Tensor& queries, const at::Tensor& offsets) const override {
    const auto of_distances = at::matmul(queries, weight_.t().to(queries.scalar_type()));  // [B, H, T, 2 k + 1]
    const auto index = offsets.clamp(-max_distance_, max_distance_) + max_distance_;
    return at::take_along_dim(of_distances, index.unsqueeze(0).unsqueeze(0), -1);
  }

 private:
  int64_t max_distance_;
  at::Tensor weight_;  // [2 k + 1, D]
};

// Each distance up to max_distance has a trained key: scores are q (k + a[distance]) (Shaw et al. 2018, without their values).
class RelativeKeys final : public Position {
 public:
  struct Options : PositionOptions {
    int64_t max_distance = 16;
    void fields(config::Fields& v) override {
      v("max_distance", max_distance, "farther keys share the vector of this distance").otherwise("2");
    }
    void check(config::Checker& c) const override { c.require(max_distance > 0, "max_distance", "must be positive"); }
  };
  RelativeKeys(const Options& options, int64_t) : max_distance_(options.max_distance) {}
  std::shared_ptr<AttentionPosition> for_attention(const AttentionPlace& place) override {
    return place.is_cross ? nullptr : std::make_shared<DistanceKeys>(max_distance_, place.d_head);
  }

 private:
  int64_t max_distance_;
};

SUBLAYER_REGISTER(Position, RelativeKeys, "relative_keys", "a trained vector for each distance joins the keys (Shaw et al. 2018)");

}  // namespace
}  // namespace sublayer::position

#include <algorithm>
#include <cmath>
#include <map>

#include "models/position/position.h"
#include "models/precision.h"

namespace sublayer::position {
namespace {

struct Buckets {
  int64_t count, max_distance;
  bool looks_ahead;

  // [T, S] -> the same, numbers of buckets: one for each small distance, then logarithmically wider ones, the last for all that is farther.
  at::Tensor of(const at::Tensor& offsets) const {
    const int64_t per_side = looks_ahead ? count / 2 : count, exact = per_side / 2;
    const auto distance = looks_ahead ? offsets.abs() : offsets.neg().clamp_min(0);
    const double whole = std::log(static_cast<double>(max_distance) / static_cast<double>(exact));
    const auto share = (distance.clamp_min(1).to(at::kFloat) / static_cast<double>(exact)).log() / whole;
    const auto far = ((share * (per_side - exact)).to(at::kLong) + exact).clamp_max(per_side - 1);
    const auto bucket = at::where(distance.lt(exact), distance, far);
    return looks_ahead ? bucket + offsets.gt(0).to(at::kLong) * per_side : bucket;
  }
};

class BucketBias final : public AttentionPosition {
 public:
  BucketBias(const Buckets& buckets, int64_t heads, bool is_shared) : buckets_(buckets), is_shared_(is_shared) {
    weight_ = add_parameter("weight", {buckets.count, heads}, Role::bias, 0);
  }
  bool is_shared() const override { return is_shared_; }
  bool adds_to_scores() const override { return true; }
  at::Tensor added_to_scores(const at::Tensor&, const at::Tensor& offsets) const override {
    return at::embedding(widened(weight_), buckets_.of(offsets)).permute({2, 0, 1});  // [H, T, S]
  }

 private:
  Buckets buckets_;
  bool is_shared_;
  at::Tensor weight_;
};

// A trained number for each head and bucket of distances is added to the scores of self-attention (T5, Raffel et al. 2020). It begins at 0.
class RelativeBias final : public Position {
 public:
  struct Options : PositionOptions {
    int64_t buckets = 32, max_distance = 128;
    bool shared = true;
    void fields(config::Fields& v) override {
      v("buckets", buckets, "numbers of a head; the encoder has half of them for either side").otherwise("8");
      v("max_distance", max_distance, "distances from here on share a bucket").otherwise("3", "{buckets: 4}");
      v("shared", shared, "whether all layers of a stack use those of its first, as in T5").otherwise("false");
    }
    void check(config::Checker& c) const override {
      c.require(buckets >= 4 && buckets % 2 == 0, "buckets", "must be even and at least 4");
      c.require(max_distance > buckets / 2, "max_distance", "must be above half the buckets");
    }
  };
  RelativeBias(const Options& options, int64_t) : options_(options) {}
  std::shared_ptr<AttentionPosition> for_attention(const AttentionPlace& place) override {
    if (place.is_cross) return nullptr;
    const Buckets buckets{options_.buckets, options_.max_distance, !place.is_decoder};
    if (!options_.shared) return std::make_shared<BucketBias>(buckets, place.num_heads, false);
    auto& kept = shared_[{place.is_decoder, place.num_heads}];
    if (!kept) {
      const std::string stack = place.is_decoder ? "decoder" : "encoder";
      const bool is_first = std::none_of(shared_.begin(), shared_.end(),
                                         [&](const auto& entry) { return entry.second && entry.first.first == place.is_decoder; });
      kept = register_module(is_first ? stack : stack + "_" + std::to_string(place.num_heads),
                             std::make_shared<BucketBias>(buckets, place.num_heads, true));
    }
    return kept;
  }

 private:
  Options options_;
  std::map<std::pair<bool, int64_t>, std::shared_ptr<BucketBias>> shared_;  // by stack and number of heads
};

SUBLAYER_REGISTER(Position, RelativeBias, "relative_bias", "a trained number for each head and bucket of distances, added to scores (T5)");

}  // namespace
}  // namespace sublayer::position

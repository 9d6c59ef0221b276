#include "models/position/position.h"
#include "models/precision.h"

namespace sublayer::position {
namespace {

// A trained vector for each position, added to the embeddings (Gehring et al. 2017).
class Learned final : public Position {
 public:
  struct Options : PositionOptions {
    int64_t max_length = 512;
    void fields(config::Fields& v) override {
      v("max_length", max_length, "positions that have a vector; longer sequences are refused").otherwise("20");
    }
    void check(config::Checker& c) const override { c.require(max_length > 0, "max_length", "must be positive"); }
  };
  Learned(const Options& options, int64_t d_model) : max_length_(options.max_length) {
    weight_ = add_parameter("weight", {options.max_length, d_model}, Role::position);
  }
  at::Tensor embed(const at::Tensor& embeddings, const at::Tensor& positions) override {
    return embeddings + at::embedding(widened(weight_), positions).to(embeddings.scalar_type());
  }
  int64_t max_length() const override { return max_length_; }

 private:
  int64_t max_length_;
  at::Tensor weight_;
};

SUBLAYER_REGISTER(Position, Learned, "learned", "a trained vector per position, added to the embeddings");

}  // namespace
}  // namespace sublayer::position

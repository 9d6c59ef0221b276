#include "models/residual/residual.h"

namespace sublayer::residual {
namespace {

class DualConnection final : public Connection {
 public:
  explicit DualConnection(const SublayerPlace& place) : Connection(place) {
    norm_ = register_module("norm", place.norm.build(place.d_model));
  }
  Stream forward(Stream stream, const Body& body, Context& context) override {
    const auto y = branch(stream.main, body, context).drawn();
    return {norm_->normalise_sum(stream.main, y, {}, context), stream.dual + y};
  }

 private:
  std::shared_ptr<norm::Norm> norm_;
};

// Two streams of the same branches (ResiDual, Xie et al. 2023): x = norm(x + body(x)) as in Post-LN, and d = d + body(x), never normed on
// its way as in Pre-LN; the stack gives x + norm(d).
class Dual final : public Residual {
 public:
  struct Options : config::Options {};
  Dual(const Options&, const StackPlace& place) { norm_ = register_module("norm", place.norm.build(place.d_model)); }
  std::shared_ptr<Connection> connect(const SublayerPlace& place) const override { return std::make_shared<DualConnection>(place); }
  Stream enter(const at::Tensor& x) override { return {x, x}; }
  at::Tensor leave(const Stream& stream) override { return stream.main + norm_->forward(stream.dual); }

 private:
  std::shared_ptr<norm::Norm> norm_;
};

SUBLAYER_REGISTER(Residual, Dual, "dual", "a Post-LN and a Pre-LN stream of the same branches (ResiDual)");

}  // namespace
}  // namespace sublayer::residual

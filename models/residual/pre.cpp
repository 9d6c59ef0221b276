#include "models/residual/residual.h"

namespace sublayer::residual {
namespace {

class PreConnection final : public Connection {
 public:
  explicit PreConnection(const SublayerPlace& place) : Connection(place) {
    norm_ = register_module("norm", place.norm.build(place.d_model));
  }
  Stream forward(Stream stream, const Body& body, Context& context) override {
    const auto normed = [&](const at::Tensor& x, Context& inner) { return body(norm_->normalise(x, inner), inner); };
    return {join(stream.main, branch(stream.main, normed, context), context), {}};
  }

 private:
  std::shared_ptr<norm::Norm> norm_;
};

// x + body(norm(x)), and a norm at the end of the stack: Pre-LN (Xiong et al. 2020). Trains without warm-up.
class Pre final : public Residual {
 public:
  struct Options : config::Options {};
  Pre(const Options&, const StackPlace& place) { norm_ = register_module("norm", place.norm.build(place.d_model)); }
  std::shared_ptr<Connection> connect(const SublayerPlace& place) const override { return std::make_shared<PreConnection>(place); }
  at::Tensor leave(const Stream& stream) override { return norm_->forward(stream.main); }

 private:
  std::shared_ptr<norm::Norm> norm_;
};

SUBLAYER_REGISTER(Residual, Pre, "pre", "norm before the body, and one at the end of the stack (Pre-LN)");

}  // namespace
}  // namespace sublayer::residual

#include "models/residual/residual.h"

namespace sublayer::residual {
namespace {

class PostConnection final : public Connection {
 public:
  explicit PostConnection(const SublayerPlace& place) : Connection(place) {
    norm_ = register_module("norm", place.norm.build(place.d_model));
  }
  Stream forward(Stream stream, const Body& body, Context& context) override {
    const auto [y, drop] = branch(stream.main, body, context);
    return {norm_->normalise_sum(stream.main, y, drop, context), {}};
  }

 private:
  std::shared_ptr<norm::Norm> norm_;
};

// norm(x + body(x)): Post-LN, the Transformer of Vaswani et al. 2017. Wants a warm-up of the learning rate.
class Post final : public Residual {
 public:
  struct Options : config::Options {};
  Post(const Options&, const StackPlace&) {}
  std::shared_ptr<Connection> connect(const SublayerPlace& place) const override { return std::make_shared<PostConnection>(place); }
};

SUBLAYER_REGISTER(Residual, Post, "post", "norm after the skip (Post-LN)");

}  // namespace
}  // namespace sublayer::residual

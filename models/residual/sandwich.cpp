#include "models/residual/residual.h"

namespace sublayer::residual {
namespace {

class SandwichConnection final : public Connection {
 public:
  explicit SandwichConnection(const SublayerPlace& place) : Connection(place) {
    norm_ = register_module("norm", place.norm.build(place.d_model));
    output_norm_ = register_module("output_norm", place.norm.build(place.d_model));
  }
  Stream forward(Stream stream, const Body& body, Context& context) override {
    const auto between = [&](const at::Tensor& x, Context& inner) {
      return output_norm_->normalise(body(norm_->normalise(x, inner), inner), inner);
    };
    return {join(stream.main, branch(stream.main, between, context), context), {}};
  }

 private:
  std::shared_ptr<norm::Norm> norm_, output_norm_;
};

// x + norm(body(norm(x))), and a norm at the end of the stack (Gemma 2, 2024; Peri-LN, Kim et al. 2025): branches of one size at any depth.
class Sandwich final : public Residual {
 public:
  struct Options : config::Options {};
  Sandwich(const Options&, const StackPlace& place) { norm_ = register_module("norm", place.norm.build(place.d_model)); }
  std::shared_ptr<Connection> connect(const SublayerPlace& place) const override { return std::make_shared<SandwichConnection>(place); }
  at::Tensor leave(const Stream& stream) override { return norm_->forward(stream.main); }

 private:
  std::shared_ptr<norm::Norm> norm_;
};

SUBLAYER_REGISTER(Residual, Sandwich, "sandwich", "norm before and after the body, and one at the end of the stack (Peri-LN)");

}  // namespace
}  // namespace sublayer::residual

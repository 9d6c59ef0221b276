#include "models/activation/activation.h"
#include "models/dropout.h"
#include "models/feed_forward/feed_forward.h"
#include "models/linear.h"

namespace sublayer::feed_forward {
namespace {

// W_out dropout(activation(W_gate x) * (W_in x)), the GLU family (Dauphin et al. 2017, Shazeer 2020): silu gives SwiGLU, gelu GEGLU,
// identity the bilinear unit. Three matrices where `dense` has two: at equal d_ff it has half as many parameters again.
class Gated final : public FeedForward {
 public:
  struct Options : config::Options {
    int64_t d_ff = 2048;
    Choice<activation::Activation> activation = "silu";
    double dropout = 0;
    bool bias = true;
    void fields(config::Fields& v) override {
      v("d_ff", d_ff, "inner width");
      v("activation", activation, "applied to the gate");
      v("dropout", dropout, "rate on the inner activations; 0 switches it off");
      v("bias", bias, "whether the projections add a bias");
    }
    void check(config::Checker& c) const override {
      c.require(d_ff > 0, "d_ff", "must be positive");
      c.require(dropout >= 0 && dropout < 1, "dropout", "must be at least 0 and below 1");
    }
  };
  Gated(const Options& options, int64_t d_model) : dropout_(options.dropout) {
    gate_ = register_module("gate", std::make_shared<Linear>(d_model, options.d_ff, Role::ffn_gate, options.bias));
    activation_ = register_module("activation", options.activation.build());
    input_ = register_module("input", std::make_shared<Linear>(d_model, options.d_ff, Role::ffn_input, options.bias));
    output_ = register_module("output", std::make_shared<Linear>(options.d_ff, d_model, Role::ffn_output, options.bias));
  }
  at::Tensor forward(const at::Tensor& x, Context& context) override {
    const auto inner = activation_->forward(gate_->forward(x)) * input_->forward(x);  // [N, d_ff]
    return output_->forward(dropout(inner, dropout_, *this, "inner", context));
  }

 private:
  double dropout_;
  std::shared_ptr<Linear> gate_, input_, output_;
  std::shared_ptr<activation::Activation> activation_;
};

SUBLAYER_REGISTER(FeedForward, Gated, "gated", "gated linear unit: an activated gate times a projection");

}  // namespace
}  // namespace sublayer::feed_forward

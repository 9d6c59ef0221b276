#include <algorithm>
#include <cmath>

#include "models/activation/activation.h"
#include "models/dropout.h"
#include "models/feed_forward/feed_forward.h"
#include "models/linear.h"

namespace sublayer::feed_forward {
namespace {

// W_out dropout(activation(W_gate x) * (W_in x)), the GLU family (Dauphin et al. 2017, Shazeer 2020): silu gives SwiGLU, gelu GEGLU,
// identity the bilinear unit. Three matrices where `dense` has two: at equal d_ff it has half as many parameters again;
// `match: parameters` takes about two thirds of d_ff instead.
class Gated final : public FeedForward {
 public:
  struct Options : config::Options {
    int64_t d_ff = 2048;
    Choice<activation::Activation> activation = "silu";
    double dropout = 0;
    bool bias = true;
    std::string match = "width";
    void fields(config::Fields& v) override {
      v("d_ff", d_ff, "inner width").otherwise("40");
      v("activation", activation, "applied to the gate").otherwise("sigmoid");
      v("dropout", dropout, "rate on the inner activations; 0 switches it off").otherwise("0.4");
      v("bias", bias, "whether the projections add a bias").otherwise("false");
      v.word("match", match, {"width", "parameters"},
             "what is equal to a dense network with this d_ff: the inner width, or, as nearly as a whole width can, the parameter count")
          .otherwise("parameters");
    }
    // The inner width w. dense: 2 d f + [f + d] parameters; gated: 3 d w + [2 w + d]; in brackets the biases.
    int64_t width(int64_t d_model) const {
      if (match == "width") return d_ff;
      const double dense = static_cast<double>(d_ff) * static_cast<double>(2 * d_model + bias);
      return std::max<int64_t>(1, std::llround(dense / static_cast<double>(3 * d_model + 2 * bias)));
    }
    void check(config::Checker& c) const override {
      c.require(d_ff > 0, "d_ff", "must be positive");
      c.require(dropout >= 0 && dropout < 1, "dropout", "must be at least 0 and below 1");
    }
  };
  Gated(const Options& options, int64_t d_model) : dropout_(options.dropout) {
    const int64_t width = options.width(d_model);
    if (options.match == "parameters") {
      remark_ = "inner width " + std::to_string(width) + ", which has nearest to the parameters of a dense network with d_ff " +
                std::to_string(options.d_ff);
    }
    gate_ = register_module("gate", std::make_shared<Linear>(d_model, width, Role::ffn_gate, options.bias));
    activation_ = register_module("activation", options.activation.build());
    input_ = register_module("input", std::make_shared<Linear>(d_model, width, Role::ffn_input, options.bias));
    output_ = register_module("output", std::make_shared<Linear>(width, d_model, Role::ffn_output, options.bias));
  }
  std::string remark() const override { return remark_; }
  at::Tensor forward(const at::Tensor& x, Context& context) override {
    const auto drop = drop_at(dropout_, *this, "inner", context);
    const auto gate = gate_->forward(x, context), input = input_->forward(x, context);  // [N, width]
    return output_->forward(activation_->activate(gate, input, drop, context), context);
  }

 private:
  double dropout_;
  std::string remark_;
  std::shared_ptr<Linear> gate_, input_, output_;
  std::shared_ptr<activation::Activation> activation_;
};

SUBLAYER_REGISTER(FeedForward, Gated, "gated", "gated linear unit: an activated gate times a projection");

}  // namespace
}  // namespace sublayer::feed_forward

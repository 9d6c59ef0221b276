#include "models/activation/activation.h"
#include "models/dropout.h"
#include "models/feed_forward/feed_forward.h"
#include "models/linear.h"

namespace sublayer::feed_forward {
namespace {

// W2 dropout(activation(W1 x + b1)) + b2 (Vaswani et al. 2017): expand to d_ff, bend, compress.
class Dense final : public FeedForward {
 public:
  struct Options : config::Options {
    int64_t d_ff = 2048;
    Choice<activation::Activation> activation = "relu";
    double dropout = 0;
    bool bias = true;
    void fields(config::Fields& v) override {
      v("d_ff", d_ff, "inner width").otherwise("40");
      v("activation", activation, "applied between the two projections").otherwise("gelu");
      v("dropout", dropout, "rate on the inner activations; 0 switches it off").otherwise("0.4");
      v("bias", bias, "whether the projections add a bias").otherwise("false");
    }
    void check(config::Checker& c) const override {
      c.require(d_ff > 0, "d_ff", "must be positive");
      c.require(dropout >= 0 && dropout < 1, "dropout", "must be at least 0 and below 1");
    }
  };
  Dense(const Options& options, int64_t d_model) : dropout_(options.dropout) {
    input_ = register_module("input", std::make_shared<Linear>(d_model, options.d_ff, Role::ffn_input, options.bias));
    activation_ = register_module("activation", options.activation.build());
    output_ = register_module("output", std::make_shared<Linear>(options.d_ff, d_model, Role::ffn_output, options.bias));
  }
  at::Tensor forward(const at::Tensor& x, Context& context) override {
    const auto drop = drop_at(dropout_, *this, "inner", context);
    return output_->forward(activation_->activate(input_->forward(x, context), {}, drop, context), context);
  }

 private:
  double dropout_;
  std::shared_ptr<Linear> input_, output_;
  std::shared_ptr<activation::Activation> activation_;
};

SUBLAYER_REGISTER(FeedForward, Dense, "dense", "two projections with an activation between them");

}  // namespace
}  // namespace sublayer::feed_forward

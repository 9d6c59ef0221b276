// N tokens, R rows of a block, D d_model, V vocabulary.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "src/training/loss/loss.h"

namespace sublayer::loss {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Logits are made, used and forgotten in blocks of rows; their gradients are taken in the same pass, while they are still in the cache.
struct BlockedCrossEntropy : torch::autograd::Function<BlockedCrossEntropy> {
  static constexpr int64_t block_rows = 128;

  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias, const at::Tensor& targets, double smoothing) {
    const int64_t tokens = hidden.size(0), vocabulary = weight.size(0);
    const double uniform = smoothing / static_cast<double>(vocabulary), certain = 1 - smoothing;
    auto total = at::zeros({}, hidden.options().dtype(at::kDouble));
    auto hidden_gradient = at::empty_like(hidden), weight_gradient = at::zeros_like(weight);
    auto bias_gradient = bias ? at::zeros_like(*bias) : at::Tensor();
    for (int64_t row = 0; row < tokens; row += block_rows) {
      const auto rows = hidden.narrow(0, row, std::min(block_rows, tokens - row));  // [R, D]
      const auto target = targets.narrow(0, row, rows.size(0)).unsqueeze(1);        // [R, 1]
      auto scores = at::log_softmax(at::linear(rows, weight, bias), 1);             // [R, V]
      total -= scores.gather(1, target).sum(at::kDouble) * certain;
      if (smoothing > 0) total -= scores.sum(at::kDouble) * uniform;
      // d loss / d logits = softmax - smoothed targets
      auto gradient = scores.exp_();
      if (smoothing > 0) gradient.sub_(uniform);
      gradient.scatter_add_(1, target, at::full_like(target, -certain, gradient.options()));
      auto rows_gradient = hidden_gradient.narrow(0, row, rows.size(0));
      at::mm_out(rows_gradient, gradient, weight);
      weight_gradient.addmm_(gradient.t(), rows);
      if (bias) bias_gradient += gradient.sum(0);
    }
    context->save_for_backward({hidden_gradient, weight_gradient, bias_gradient});
    return total.to(hidden.scalar_type());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    auto saved = context->get_saved_variables();
    if (gradients[0].item<double>() != 1) {
      for (auto& gradient : saved) {
        if (gradient.defined()) gradient = gradient * gradients[0];
      }
    }
    return {saved[0], saved[1], saved[2], {}, {}};
  }
};

// -log p(target), or with label smoothing e the cross-entropy to the mixture (1 - e) target + e uniform (Szegedy et al. 2016).
class CrossEntropy final : public Loss {
 public:
  struct Options : config::Options {
    double label_smoothing = 0;
    void fields(config::Fields& v) override {
      v("label_smoothing", label_smoothing, "share of the target spread over the vocabulary; 0 switches it off");
    }
    void check(config::Checker& c) const override {
      c.require(label_smoothing >= 0 && label_smoothing < 1, "label_smoothing", "must be at least 0 and below 1");
    }
  };
  explicit CrossEntropy(const Options& options) : smoothing_(options.label_smoothing) {}

  at::Tensor forward(const at::Tensor& hidden, const OutputProjection& projection, const at::Tensor& targets) const override {
    return BlockedCrossEntropy::apply(hidden, projection.weight, projection.bias, targets, smoothing_);
  }

 private:
  double smoothing_;
};

SUBLAYER_REGISTER(Loss, CrossEntropy, "cross_entropy", "negative log-likelihood, with label smoothing if wanted");

}  // namespace
}  // namespace sublayer::loss

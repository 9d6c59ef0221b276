// N tokens, R rows of a block, D d_model, V vocabulary.
#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "models/kernels/accumulate.h"
#include "models/kernels/cross_entropy_rows.h"
#include "models/kernels/elements.h"
#include "models/kernels/linear.h"
#include "models/precision.h"
#include "src/training/loss/loss.h"

namespace sublayer::loss {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Terms {
  double smoothing, z_loss;
};

// The sum over rows of logits [R, V] with targets [R, 1]; `logits` become their gradients, by the derivatives
// softmax - smoothed targets, and of the z-loss 2 z_loss ln Z softmax.
at::Tensor replace_by_gradients(at::Tensor& logits, const at::Tensor& targets, const Terms& terms) {
  const double uniform = terms.smoothing / static_cast<double>(logits.size(1)), certain = 1 - terms.smoothing;
  auto scores = at::log_softmax(logits, 1);
  auto loss = -scores.gather(1, targets).sum(at::kDouble) * certain;
  if (terms.smoothing > 0) loss -= scores.sum(at::kDouble) * uniform;
  at::Tensor log_z;  // [R, 1]
  if (terms.z_loss > 0) {
    log_z = logits.narrow(1, 0, 1) - scores.narrow(1, 0, 1);
    loss += log_z.to(at::kDouble).square().sum() * terms.z_loss;
  }
  logits = scores.exp_();
  if (terms.z_loss > 0) logits.mul_(log_z * (2 * terms.z_loss) + 1);
  if (terms.smoothing > 0) logits.sub_(uniform);
  logits.scatter_add_(1, targets, at::full_like(targets, -certain, logits.options()));
  return loss;
}

// Logits are made, used and forgotten in blocks of rows; their gradients are taken in the same pass, while they are still in the cache.
struct BlockedCrossEntropy : torch::autograd::Function<BlockedCrossEntropy> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias, double soft_cap, const at::Tensor& given_targets, const Terms& terms,
                            bool fused) {
    RECORD_FUNCTION("sublayer::BlockedCrossEntropy", {});
    const int64_t tokens = hidden.size(0), block_rows = hidden.is_cpu() ? 128 : 2048;  // a GPU wants much to do at once
    const auto targets = given_targets.contiguous();
    // A GPU would have to be waited for; its own operators refuse such a target.
    TORCH_CHECK(tokens == 0 || !targets.is_cpu() || (targets.min().item<int64_t>() >= 0 && targets.max().item<int64_t>() < weight.size(0)),
                "a target is none of ", weight.size(0), " ids");
    auto total = at::zeros({}, hidden.options().dtype(at::kDouble));
    auto hidden_gradient = at::empty_like(hidden), weight_gradient = at::zeros_like(weight, wide_type(weight));
    auto bias_gradient = bias ? at::zeros_like(*bias, wide_type(*bias)) : at::Tensor();
    for (int64_t row = 0; row < tokens; row += block_rows) {
      const auto rows = hidden.narrow(0, row, std::min(block_rows, tokens - row));  // [R, D]
      const auto target = targets.narrow(0, row, rows.size(0));                     // [R]
      auto rows_gradient = hidden_gradient.narrow(0, row, rows.size(0));
      at::Tensor gradient;  // [R, V], at first the logits
      if (fused) {
        gradient = kernels::product(rows, weight, bias);
        kernels::with_element_of(gradient, [&]<class Element>(Element) {
          total += kernels::cross_entropy_rows(kernels::data_to<Element>(gradient), target.const_data_ptr<int64_t>(), gradient.size(0),
                                               gradient.size(1), terms.smoothing, terms.z_loss);
        });
        rows_gradient.copy_(kernels::product(gradient, weight.t()));
      } else {
        const auto logits = gradient = widened(OutputProjection{weight, bias, soft_cap}.logits(rows));
        total += replace_by_gradients(gradient, target.unsqueeze(1), terms);
        if (soft_cap > 0) gradient.mul_(1 - (logits / soft_cap).square());  // the derivative of c tanh(s / c)
        gradient = gradient.to(rows.scalar_type());
        at::mm_out(rows_gradient, gradient, weight);
      }
      if (weight_gradient.scalar_type() == weight.scalar_type()) {
        weight_gradient.addmm_(gradient.t(), rows);
      } else {
        kernels::accumulate(weight_gradient, at::mm(gradient.t(), rows));
      }
      if (bias) bias_gradient += gradient.sum(0, /*keepdim=*/false, bias_gradient.scalar_type());
    }
    context->save_for_backward({hidden_gradient, weight_gradient, bias_gradient});
    return total.to(wide_type(hidden));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    auto saved = context->get_saved_variables();
    if (!gradients[0].is_cpu() || gradients[0].item<double>() != 1) {
      for (auto& gradient : saved) {
        if (gradient.defined()) gradient = gradient * gradients[0];
      }
    }
    return {saved[0], saved[1], saved[2], {}, {}, {}, {}, {}};
  }
};

// -log p(target), or with label smoothing e the cross-entropy to the mixture (1 - e) target + e uniform (Szegedy et al. 2016); and z_loss
// times the square of ln Z, the normaliser of the softmax, which keeps logits from drifting (PaLM, Chowdhery et al. 2022).
class CrossEntropy final : public Loss {
 public:
  struct Options : config::Options {
    double label_smoothing = 0, z_loss = 0;
    void fields(config::Fields& v) override {
      v("label_smoothing", label_smoothing, "share of the target spread over the vocabulary; 0 switches it off").otherwise("0.1");
      v("z_loss", z_loss, "factor on the squared logarithm of the softmax's normaliser, e.g. 0.0001; 0 switches it off").otherwise("0.1");
    }
    void check(config::Checker& c) const override {
      c.require(label_smoothing >= 0 && label_smoothing < 1, "label_smoothing", "must be at least 0 and below 1");
      c.require(z_loss >= 0, "z_loss", "must not be negative");
    }
  };
  explicit CrossEntropy(const Options& options) : terms_{options.label_smoothing, options.z_loss} {}

  at::Tensor forward(const at::Tensor& hidden, const OutputProjection& projection, const at::Tensor& targets,
                     const Context& context) const override {
    return BlockedCrossEntropy::apply(hidden, projection.weight, projection.bias, projection.soft_cap, targets, terms_,
                                      context.fuses(hidden) && projection.soft_cap == 0);
  }

 private:
  Terms terms_;
};

SUBLAYER_REGISTER(Loss, CrossEntropy, "cross_entropy", "negative log-likelihood, with label smoothing if wanted");

}  // namespace
}  // namespace sublayer::loss

#include "models/kernels/activation.h"

#include <ATen/ops/empty_like.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "models/kernels/elements.h"
#include "models/kernels/first_derivative.h"
#include "models/kernels/run.h"

namespace sublayer::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

int64_t rows_of(const at::Tensor& x) { return x.size(-1) > 0 ? x.numel() / x.size(-1) : 0; }

struct ActivationFunction : Function<ActivationFunction> {
  static at::Tensor forward(AutogradContext* context, const Elementwise* function, const at::Tensor& given,
                            const std::optional<at::Tensor>& factor, const Drop& drop) {
    RECORD_FUNCTION("sublayer::ActivationFunction", {});
    const auto x = given.contiguous(), times = factor ? factor->contiguous() : at::Tensor();
    TORCH_CHECK(!times.defined() || times.sizes() == x.sizes(), "the product of ", x.sizes(), " and ", times.sizes());
    const auto keep = draw(drop, x.sizes());
    auto out = at::empty_like(x);
    with_element_of(x, [&]<class Element>(Element) {
      activate_rows(*function, data_of<Element>(x), data_of<Element>(times), kept(keep, drop.rate), rows_of(x), x.size(-1),
                    data_to<Element>(out));
    });
    if (!context) return out;
    context->save_for_backward({x, times, keep});
    context->saved_data["rate"] = drop.rate;
    context->saved_data["function"] = reinterpret_cast<int64_t>(function);
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    require_first_derivative();
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &factor = saved[1];
    const auto* function = reinterpret_cast<const Elementwise*>(context->saved_data["function"].toInt());
    const auto gradient = gradients[0].contiguous();
    const auto x_gradient = at::empty_like(x), factor_gradient = factor.defined() ? at::empty_like(x) : at::Tensor();
    with_element_of(x, [&]<class Element>(Element) {
      activate_rows_gradient(*function, data_of<Element>(gradient), data_of<Element>(x), data_of<Element>(factor),
                             kept(saved[2], context->saved_data["rate"].toDouble()), rows_of(x), x.size(-1), data_to<Element>(x_gradient),
                             data_to<Element>(factor_gradient));
    });
    return {{}, x_gradient, factor_gradient, {}};
  }
};

}  // namespace

at::Tensor activate(const Elementwise& function, const at::Tensor& x, const std::optional<at::Tensor>& factor, const Drop& drop) {
  return run<ActivationFunction>(&function, x, factor, drop);
}

}  // namespace sublayer::kernels

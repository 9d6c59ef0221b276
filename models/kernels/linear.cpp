#include "models/kernels/linear.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "models/kernels/first_derivative.h"
#include "models/kernels/run.h"

namespace sublayer::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// The operator as LibTorch's own compiler calls it: x W^T + b, then an element-wise function of that name.
using PointwiseLinear = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, std::string_view,
                                   c10::List<std::optional<at::Scalar>>, std::optional<std::string_view>);

const c10::TypedOperatorHandle<PointwiseLinear>* pointwise_linear() {
  static const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  static const auto* typed = [&]() -> const c10::TypedOperatorHandle<PointwiseLinear>* {
    if (!found || !found->hasKernelForDispatchKey(c10::DispatchKey::CPU)) return nullptr;
    try {
      return new auto(found->typed<PointwiseLinear>());
    } catch (const c10::Error&) {
      return nullptr;  // a LibTorch in which it has other arguments
    }
  }();
  return typed;
}

// oneDNN has no products of bfloat16 for processors without instructions for them.
bool has_fast_bfloat16() {
  static const bool has = [] {
    const auto some = at::ones({1, 1}, at::kBFloat16);
    try {
      pointwise_linear()->call(some, some, {}, "none", c10::List<std::optional<at::Scalar>>(), "");
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }();
  return has;
}

struct LinearFunction : Function<LinearFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias) {
    RECORD_FUNCTION("sublayer::LinearFunction", {});
    if (context) {
      context->save_for_backward({x, weight});
      context->saved_data["has_bias"] = bias.has_value();
    }
    return product(x, weight, bias);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    require_first_derivative();
    const auto saved = context->get_saved_variables();
    const auto& gradient = gradients[0];
    at::Tensor bias_gradient;
    if (context->saved_data["has_bias"].toBool()) bias_gradient = gradient.sum(0);
    return {product(gradient, saved[1].t()), at::mm(gradient.t(), saved[0]), bias_gradient};
  }
};

}  // namespace

at::Tensor product(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  const auto* fast = x.size(0) > 0 ? pointwise_linear() : nullptr;
  if (fast && x.scalar_type() == at::kBFloat16 && !has_fast_bfloat16()) fast = nullptr;
  return fast ? fast->call(x, weight, bias, "none", c10::List<std::optional<at::Scalar>>(), "") : at::linear(x, weight, bias);
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  return x.dim() == 2 ? run<LinearFunction>(x, weight, bias) : at::linear(x, weight, bias);
}

}  // namespace sublayer::kernels

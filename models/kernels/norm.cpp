#include "models/kernels/norm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "models/kernels/first_derivative.h"
#include "models/kernels/norm_rows.h"

namespace sublayer::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

const float* data_of(const at::Tensor& tensor) { return tensor.defined() ? tensor.const_data_ptr<float>() : nullptr; }
float* data_to(const at::Tensor& tensor) { return tensor.defined() ? tensor.mutable_data_ptr<float>() : nullptr; }

at::Tensor dropped(const at::Tensor& x, const at::Tensor& keep, double rate) {
  if (!keep.defined()) return x;
  auto out = at::empty_like(x);
  drop(data_of(x), kept(keep, rate), x.numel(), data_to(out));
  return out;
}

struct NormFunction : Function<NormFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const std::optional<at::Tensor>& y, const Drop& drop,
                            const std::optional<at::Tensor>& weight, const std::optional<at::Tensor>& bias, double epsilon,
                            bool is_centered) {
    RECORD_FUNCTION("sublayer::NormFunction", {});
    const auto x = given.contiguous(), added = y ? y->contiguous() : at::Tensor();
    TORCH_CHECK(!added.defined() || added.sizes() == x.sizes(), "the sum of ", x.sizes(), " and ", added.sizes());
    const auto keep = draw(drop, x.sizes());
    const int64_t width = x.size(-1), count = width > 0 ? x.numel() / width : 0;
    const auto sum = added.defined() ? at::empty_like(x) : x;
    const auto moments = at::empty({count, 2}, x.options());
    auto out = at::empty_like(x);
    const NormRows rows{weight ? data_of(*weight) : nullptr, bias ? data_of(*bias) : nullptr, static_cast<float>(epsilon), is_centered};
    norm_rows(data_of(x), data_of(added), kept(keep, drop.rate), rows, count, width, data_to(sum), data_to(moments), data_to(out));
    context->save_for_backward({sum, moments, weight.value_or(at::Tensor()), keep});
    auto& facts = context->saved_data;
    facts["rate"] = drop.rate;
    facts["epsilon"] = epsilon;
    facts["is_centered"] = is_centered;
    facts["has_bias"] = bias.has_value();
    facts["is_sum"] = y.has_value();
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    require_first_derivative();
    const auto saved = context->get_saved_variables();
    const auto &sum = saved[0], &weight = saved[2];
    auto& facts = context->saved_data;
    const auto gradient = gradients[0].contiguous();
    const auto sum_gradient = at::empty_like(sum);
    const auto weight_gradient = weight.defined() ? at::zeros_like(weight) : at::Tensor();
    const auto bias_gradient = facts["has_bias"].toBool() ? at::zeros({sum.size(-1)}, sum.options()) : at::Tensor();
    const NormRows rows{data_of(weight), nullptr, static_cast<float>(facts["epsilon"].toDouble()), facts["is_centered"].toBool()};
    norm_rows_gradient(data_of(gradient), data_of(sum), data_of(saved[1]), rows, saved[1].size(0), sum.size(-1), data_to(sum_gradient),
                       data_to(weight_gradient), data_to(bias_gradient));
    const auto y_gradient = facts["is_sum"].toBool() ? dropped(sum_gradient, saved[3], facts["rate"].toDouble()) : at::Tensor();
    return {sum_gradient, y_gradient, {}, weight_gradient, bias_gradient, {}, {}};
  }
};

struct SumFunction : Function<SumFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const at::Tensor& added, const Drop& drop) {
    RECORD_FUNCTION("sublayer::SumFunction", {});
    TORCH_CHECK(added.sizes() == given.sizes(), "the sum of ", given.sizes(), " and ", added.sizes());
    const auto x = given.contiguous(), y = added.contiguous();
    const auto keep = draw(drop, x.sizes());
    auto out = at::empty_like(x);
    add_rows(data_of(x), data_of(y), kept(keep, drop.rate), x.numel(), data_to(out));
    context->save_for_backward({keep});
    context->saved_data["rate"] = drop.rate;
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    require_first_derivative();
    const auto gradient = gradients[0].contiguous();
    return {gradient, dropped(gradient, context->get_saved_variables()[0], context->saved_data["rate"].toDouble()), {}};
  }
};

}  // namespace

at::Tensor norm(const at::Tensor& x, const NormFormula& f) {
  return NormFunction::apply(x, std::optional<at::Tensor>(), Drop(), f.weight, f.bias, f.epsilon, f.is_centered);
}
at::Tensor norm_of_sum(const at::Tensor& x, const at::Tensor& y, const Drop& drop, const NormFormula& f) {
  return NormFunction::apply(x, std::optional(y), drop, f.weight, f.bias, f.epsilon, f.is_centered);
}
at::Tensor sum(const at::Tensor& x, const at::Tensor& y, const Drop& drop) { return SumFunction::apply(x, y, drop); }

}  // namespace sublayer::kernels

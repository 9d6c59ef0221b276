#include "models/kernels/norm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "models/kernels/elements.h"
#include "models/kernels/first_derivative.h"
#include "models/kernels/norm_rows.h"
#include "models/kernels/run.h"

namespace sublayer::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

at::Tensor as_floats(const std::optional<at::Tensor>& parameter) { return parameter ? parameter->to(at::kFloat) : at::Tensor(); }

at::Tensor dropped(const at::Tensor& x, const at::Tensor& keep, double rate) {
  if (!keep.defined()) return x;
  auto out = at::empty_like(x);
  with_element_of(x, [&]<class Element>(Element) { drop(data_of<Element>(x), kept(keep, rate), x.numel(), data_to<Element>(out)); });
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
    const auto moments = at::empty({count, 2}, at::kFloat);
    auto out = at::empty_like(x);
    const auto gain = as_floats(weight), shift = as_floats(bias);
    const NormRows norm{data_of<float>(gain), data_of<float>(shift), static_cast<float>(epsilon), is_centered};
    with_element_of(x, [&]<class Element>(Element) {
      norm_rows(data_of<Element>(x), data_of<Element>(added), kept(keep, drop.rate), norm, count, width, data_to<Element>(sum),
                data_to<float>(moments), data_to<Element>(out));
    });
    if (!context) return out;
    context->save_for_backward({sum, moments, gain, keep});
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
    const auto bias_gradient = facts["has_bias"].toBool() ? at::zeros({sum.size(-1)}, at::kFloat) : at::Tensor();
    const NormRows norm{data_of<float>(weight), nullptr, static_cast<float>(facts["epsilon"].toDouble()), facts["is_centered"].toBool()};
    with_element_of(sum, [&]<class Element>(Element) {
      norm_rows_gradient(data_of<Element>(gradient), data_of<Element>(sum), data_of<float>(saved[1]), norm, saved[1].size(0), sum.size(-1),
                         data_to<Element>(sum_gradient), data_to<float>(weight_gradient), data_to<float>(bias_gradient));
    });
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
    with_element_of(x, [&]<class Element>(Element) {
      add_rows(data_of<Element>(x), data_of<Element>(y), kept(keep, drop.rate), x.numel(), data_to<Element>(out));
    });
    if (!context) return out;
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
  return run<NormFunction>(x, std::optional<at::Tensor>(), Drop(), f.weight, f.bias, f.epsilon, f.is_centered);
}
at::Tensor norm_of_sum(const at::Tensor& x, const at::Tensor& y, const Drop& drop, const NormFormula& f) {
  return run<NormFunction>(x, std::optional(y), drop, f.weight, f.bias, f.epsilon, f.is_centered);
}
at::Tensor sum(const at::Tensor& x, const at::Tensor& y, const Drop& drop) { return run<SumFunction>(x, y, drop); }

}  // namespace sublayer::kernels

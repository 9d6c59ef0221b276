#include "models/kernels/dropout.h"

#include <ATen/Dispatch.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/native_dropout_backward.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "models/device.h"
#include "models/kernels/elements.h"

namespace sublayer::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

at::Tensor draw_beside(const at::Tensor& x, const Drop& drop) {
  if (!x.is_cuda()) {
    const auto keep = draw(drop, x.sizes());
    return x.is_cpu() ? keep : to_device(keep.to(at::kBool), x.device());
  }
  // A generator for this draw alone: nothing is left over for the next one, and nothing is copied from the host.
  auto generator = at::detail::getCUDAHooks().getNewGenerator(x.device().index());
  generator.set_current_seed(drop.noise.key());
  return at::empty(x.sizes(), x.options().dtype(at::kBool)).bernoulli_(1 - drop.rate, generator);
}

at::Tensor scale_kept(const at::Tensor& given, const at::Tensor& keep, double rate) {
  // Despite its name this is x * keep * scale, forwards as well.
  if (!given.is_cpu()) return at::native_dropout_backward(given, keep, 1 / (1 - rate));
  const auto x = given.contiguous();
  auto out = at::empty_like(x);
  if (has_known_elements(x)) {
    with_element_of(x, [&]<class Element>(Element) { drop(data_of<Element>(x), kept(keep, rate), x.numel(), data_to<Element>(out)); });
    return out;
  }
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "dropout", [&] {
    const scalar_t scale = static_cast<scalar_t>(1 / (1 - rate));
    const auto* from = x.const_data_ptr<scalar_t>();
    const auto* kept = keep.const_data_ptr<uint8_t>();
    auto* to = out.mutable_data_ptr<scalar_t>();
    for (int64_t i = 0; i < x.numel(); ++i) to[i] = kept[i] ? from[i] * scale : scalar_t{0};
  });
  return out;
}

struct Dropout : Function<Dropout> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const Drop& drop) {
    RECORD_FUNCTION("sublayer::Dropout", {});
    const auto keep = draw_beside(x, drop);
    context->save_for_backward({keep});
    context->saved_data["rate"] = drop.rate;
    return scale_kept(x, keep, drop.rate);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {scale_kept(gradients[0], context->get_saved_variables()[0], context->saved_data["rate"].toDouble()), {}};
  }
};

}  // namespace

at::Tensor dropout(const at::Tensor& x, const Drop& drop) { return drop.rate > 0 ? Dropout::apply(x, drop) : x; }

at::Tensor draw(const Drop& drop, at::IntArrayRef sizes) {
  if (drop.rate == 0) return {};
  auto keep = at::empty(sizes, at::kByte);
  const int64_t columns = sizes.back();
  fill_keep(drop.noise, drop.rate, columns ? keep.numel() / columns : 0, columns, keep.mutable_data_ptr<uint8_t>());
  return keep;
}

}  // namespace sublayer::kernels

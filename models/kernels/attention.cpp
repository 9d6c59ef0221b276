#include "models/kernels/attention.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <numeric>

#include "models/kernels/attention_rows.h"
#include "models/kernels/elements.h"
#include "models/kernels/first_derivative.h"
#include "models/kernels/run.h"

namespace sublayer::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// As the weights lie in memory, drawn as if they were one tensor.
at::Tensor draw_for_weights(const AttentionShape& shape, const Drop& drop) {
  if (drop.rate == 0) return {};
  auto keep = at::empty({shape.weights_size()}, at::kByte);
  auto* to = keep.mutable_data_ptr<uint8_t>();
  const int64_t longest = *std::max_element(shape.query_lengths.begin(), shape.query_lengths.end());
  int64_t row = 0;
  for (size_t b = 0; b < shape.query_lengths.size(); ++b) {
    const int64_t stride = AttentionShape::padded(shape.key_lengths[b]);
    for (int64_t h = 0; h < shape.heads; ++h, row += longest) {
      fill_keep(drop.noise, drop.rate, {row, shape.query_lengths[b]}, stride, to);
      to += shape.query_lengths[b] * stride;
    }
  }
  return keep;
}

void check(const AttentionShape& shape, const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values) {
  const auto total = [](const std::vector<int64_t>& lengths) { return std::accumulate(lengths.begin(), lengths.end(), int64_t{0}); };
  TORCH_CHECK(shape.query_lengths.size() == shape.key_lengths.size() && !shape.query_lengths.empty(), shape.query_lengths.size(),
              " sequences look at ", shape.key_lengths.size());
  TORCH_CHECK(total(shape.query_lengths) == queries.size(0) && total(shape.key_lengths) == keys.size(0), "lengths are not those of ",
              queries.sizes(), " and ", keys.sizes());
  TORCH_CHECK(keys.sizes() == values.sizes() && keys.size(2) == shape.width && shape.width % 16 == 0 && shape.heads % shape.key_heads == 0,
              "queries ", queries.sizes(), ", keys ", keys.sizes(), ", values ", values.sizes());
}

struct AttentionFunction : Function<AttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given_queries, const at::Tensor& given_keys,
                            const at::Tensor& given_values, const std::vector<int64_t>& query_lengths,
                            const std::vector<int64_t>& key_lengths, double scale, bool is_causal, const Drop& drop) {
    RECORD_FUNCTION("sublayer::AttentionFunction", {});
    const auto queries = given_queries.contiguous(), keys = given_keys.contiguous(), values = given_values.contiguous();
    const AttentionShape shape{query_lengths, key_lengths, queries.size(1), keys.size(1), queries.size(2), static_cast<float>(scale),
                               is_causal};
    check(shape, queries, keys, values);
    const auto keep = draw_for_weights(shape, drop);
    const auto weights = at::empty({shape.weights_size()}, at::kFloat);
    auto out = at::empty_like(queries);
    with_element_of(queries, [&]<class Element>(Element) {
      attend(shape, data_of<Element>(queries), data_of<Element>(keys), data_of<Element>(values), kept(keep, drop.rate),
             data_to<float>(weights), data_to<Element>(out));
    });
    if (!context) return out;
    context->save_for_backward({queries, keys, values, weights, keep});
    auto& facts = context->saved_data;
    facts["query_lengths"] = query_lengths;
    facts["key_lengths"] = key_lengths;
    facts["scale"] = scale;
    facts["is_causal"] = is_causal;
    facts["rate"] = drop.rate;
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    require_first_derivative();
    const auto saved = context->get_saved_variables();
    const auto &queries = saved[0], &keys = saved[1], &values = saved[2], &weights = saved[3];
    auto& facts = context->saved_data;
    const AttentionShape shape{
        facts["query_lengths"].toIntVector(),          facts["key_lengths"].toIntVector(), queries.size(1), keys.size(1), queries.size(2),
        static_cast<float>(facts["scale"].toDouble()), facts["is_causal"].toBool()};
    const auto gradient = gradients[0].contiguous();
    auto query_gradient = at::empty_like(queries), key_gradient = at::empty_like(keys), value_gradient = at::empty_like(values);
    with_element_of(queries, [&]<class Element>(Element) {
      attend_gradient(shape, data_of<Element>(gradient), data_of<Element>(queries), data_of<Element>(keys), data_of<Element>(values),
                      data_of<float>(weights), kept(saved[4], facts["rate"].toDouble()), data_to<Element>(query_gradient),
                      data_to<Element>(key_gradient), data_to<Element>(value_gradient));
    });
    return {query_gradient, key_gradient, value_gradient, {}, {}, {}, {}, {}};
  }
};

}  // namespace

at::Tensor attention(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, const std::vector<int64_t>& query_lengths,
                     const std::vector<int64_t>& key_lengths, double scale, bool is_causal, const Drop& drop) {
  return run<AttentionFunction>(queries, keys, values, query_lengths, key_lengths, scale, is_causal, drop);
}

}  // namespace sublayer::kernels

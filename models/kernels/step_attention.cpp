#include "models/kernels/step_attention.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>

#include "models/kernels/step_attention_rows.h"

namespace sublayer::kernels {

at::Tensor step_attention(const at::Tensor& given, const std::vector<KeyValuePart>& parts, const SeenTokens& seen, double scale) {
  TORCH_CHECK(!at::GradMode::is_enabled(), "attention of single steps knows no gradients");
  TORCH_CHECK(given.size(0) == std::ssize(seen.ends), given.size(0), " queries for ", seen.ends.size(), " hypotheses");
  const auto queries = given.contiguous();
  auto out = at::empty_like(queries);
  const int64_t heads = queries.size(1), width = queries.size(2);
  const StepHeads shape{heads, parts.empty() ? heads : parts.front().keys.size(1), width, static_cast<float>(scale)};
  std::vector<const float*> all_keys, all_values;
  for (const auto& [keys, values] : parts) {
    TORCH_CHECK(keys.is_contiguous() && values.is_contiguous() && keys.sizes() == values.sizes() && keys.size(1) == shape.key_heads &&
                    keys.size(2) == width && heads % shape.key_heads == 0,
                "queries ", queries.sizes(), ", keys ", keys.sizes(), ", values ", values.sizes());
    all_keys.push_back(keys.const_data_ptr<float>());
    all_values.push_back(values.const_data_ptr<float>());
  }
  std::vector<const float*> keys, values;
  std::vector<float> weights;
  for (int64_t r = 0; r < queries.size(0); ++r) {
    const auto places = seen.of(r);
    keys.clear();
    values.clear();
    for (const auto& [part, row] : places) {
      TORCH_CHECK(part < std::ssize(parts) && row < parts[part].keys.size(0), "a hypothesis sees row ", row, " of part ", part);
      const int64_t start = row * shape.key_heads * width;
      keys.push_back(all_keys[part] + start);
      values.push_back(all_values[part] + start);
    }
    weights.resize(std::max<size_t>(weights.size(), heads * StepHeads::padded(std::ssize(places))));
    attend_step(shape, queries.const_data_ptr<float>() + r * heads * width, keys.data(), values.data(), std::ssize(places), weights.data(),
                out.mutable_data_ptr<float>() + r * heads * width);
  }
  return out;
}

}  // namespace sublayer::kernels

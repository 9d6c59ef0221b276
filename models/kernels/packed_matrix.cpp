#include "models/kernels/packed_matrix.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include "models/kernels/packed_rows.h"

namespace sublayer::kernels {
namespace {

// Words of two or four numbers are moved as tensors of whole numbers.
const uint32_t* words_in(const at::Tensor& words) { return reinterpret_cast<const uint32_t*>(words.const_data_ptr<int32_t>()); }
uint32_t* words_to(const at::Tensor& words) { return reinterpret_cast<uint32_t*>(words.mutable_data_ptr<int32_t>()); }

int64_t words_of_row(int64_t inputs, Precision precision) {
  return words_of(inputs, precision == Precision::int8 ? 4 : precision == Precision::bf16 ? 2 : 1);
}

}  // namespace

PackedMatrix::PackedMatrix(const at::Tensor& given, Precision precision)
    : precision_(precision),
      outputs_(given.size(0)),
      inputs_(given.size(1)),
      words_(at::empty({panels_of(outputs_), words_of_row(inputs_, precision), panel_width},
                       precision == Precision::fp32 ? at::kFloat : at::kInt)) {
  const auto weight = given.detach().contiguous();
  const auto* const values = weight.const_data_ptr<float>();
  switch (precision) {
    case Precision::fp32:
      pack_floats(values, outputs_, inputs_, words_.mutable_data_ptr<float>());
      break;
    case Precision::bf16:
      pack_bfloat16(values, outputs_, inputs_, words_to(words_));
      break;
    case Precision::int8:
      scales_ = at::empty({outputs_}, at::kFloat);
      pack_int8(values, outputs_, inputs_, words_to(words_), scales_.mutable_data_ptr<float>());
  }
}

at::Tensor PackedMatrix::product(const at::Tensor& given, const std::optional<at::Tensor>& bias) const {
  TORCH_CHECK(!at::GradMode::is_enabled(), "packed weights know no gradients");
  TORCH_CHECK(given.size(-1) == inputs_, "a product of ", given.sizes(), " with ", outputs_, " x ", inputs_);
  TORCH_CHECK(!bias || bias->numel() == outputs_, "a bias of ", bias->numel(), " for ", outputs_, " outputs");
  const auto x = given.contiguous();
  auto sizes = x.sizes().vec();
  sizes.back() = outputs_;
  auto out = at::empty(sizes, x.options());
  const auto* const values = x.const_data_ptr<float>();
  const auto fill = [&](auto& product) {
    product.rows = inputs_ > 0 ? x.numel() / inputs_ : 0;
    product.words = words_.size(1);
    product.outputs = outputs_;
    product.bias = bias ? bias->const_data_ptr<float>() : nullptr;
    product.out = out.mutable_data_ptr<float>();
  };
  if (precision_ == Precision::fp32) {
    PackedProduct<float> product;
    fill(product);
    product.x = values;
    product.matrix = words_.const_data_ptr<float>();
    multiply_floats(product);
    return out;
  }
  PackedProduct<uint32_t> product;
  fill(product);
  const auto rounded = at::empty({product.rows, product.words}, at::kInt);
  product.x = words_in(rounded);
  product.matrix = words_in(words_);
  if (precision_ == Precision::bf16) {
    round_to_bfloat16(values, product.rows, inputs_, words_to(rounded));
    multiply_bfloat16(product);
    return out;
  }
  const auto scales = at::empty({product.rows}, at::kFloat), starts = at::empty({product.rows}, at::kInt);
  round_to_int8(values, product.rows, inputs_, words_to(rounded), scales.mutable_data_ptr<float>(), starts.mutable_data_ptr<int32_t>());
  product.row_scales = scales.const_data_ptr<float>();
  product.row_starts = starts.const_data_ptr<int32_t>();
  product.output_scales = scales_.const_data_ptr<float>();
  multiply_int8(product);
  return out;
}

}  // namespace sublayer::kernels

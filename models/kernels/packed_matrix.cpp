#include "models/kernels/packed_matrix.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include "models/kernels/packed_rows.h"

namespace sublayer::kernels {
namespace {

// Words of two or four numbers are moved as tensors of whole numbers.
const uint32_t* words_in(const at::Tensor& words) { return reinterpret_cast<const uint32_t*>(words.const_data_ptr<int32_t>()); }
uint32_t* words_to(const at::Tensor& words) { return reinterpret_cast<uint32_t*>(words.mutable_data_ptr<int32_t>()); }

// A row of numbers as words, with what int8 has beside them.
struct Rows {
  at::Tensor words, scales, sums;
};

Rows as_words(const at::Tensor& given, Precision precision) {
  const auto matrix = given.contiguous();
  const int64_t inputs = matrix.size(-1), rows = inputs > 0 ? matrix.numel() / inputs : 0;
  const auto* const values = matrix.const_data_ptr<float>();
  if (precision == Precision::fp32) return {matrix, {}, {}};
  Rows result;
  result.words = at::empty({rows, words_of(inputs, precision == Precision::bf16 ? 2 : 4)}, at::kInt);
  if (precision == Precision::bf16) {
    round_to_bfloat16(values, rows, inputs, words_to(result.words));
  } else {
    result.scales = at::empty({rows}, at::kFloat);
    result.sums = at::empty({rows}, at::kInt);
    round_to_int8(values, rows, inputs, words_to(result.words), result.scales.mutable_data_ptr<float>(),
                  result.sums.mutable_data_ptr<int32_t>());
  }
  return result;
}

}  // namespace

PackedMatrix::PackedMatrix(const at::Tensor& weight, Precision precision)
    : precision_(precision), outputs_(weight.size(0)), inputs_(weight.size(1)) {
  const auto rows = as_words(weight.detach(), precision);
  words_ = at::empty({panels_of(outputs_), rows.words.size(1), panel_width}, rows.words.options());
  scales_ = rows.scales;
  if (precision == Precision::fp32) {
    pack(rows.words.const_data_ptr<float>(), outputs_, words_.size(1), words_.mutable_data_ptr<float>());
  } else {
    pack(words_in(rows.words), outputs_, words_.size(1), words_to(words_), precision == Precision::int8 ? int8_flipped : 0);
  }
}

at::Tensor PackedMatrix::product(const at::Tensor& x, const std::optional<at::Tensor>& bias) const {
  TORCH_CHECK(!at::GradMode::is_enabled(), "packed weights know no gradients");
  TORCH_CHECK(x.size(-1) == inputs_, "a product of ", x.sizes(), " with ", outputs_, " x ", inputs_);
  TORCH_CHECK(!bias || (bias->numel() == outputs_ && bias->is_contiguous()), "a bias of ", bias->sizes(), " for ", outputs_, " outputs");
  TORCH_CHECK(inputs_ > 0 && inputs_ < 1 << 16, "rows of ", inputs_, " numbers");
  auto sizes = x.sizes().vec();
  sizes.back() = outputs_;
  auto out = at::empty(sizes, x.options());
  const auto rows = as_words(x, precision_);
  const auto multiply = [&](auto product, const auto* words, const auto* matrix, const auto& kernel) {
    product.x = words;
    product.rows = x.numel() / inputs_;
    product.words = words_.size(1);
    product.matrix = matrix;
    product.outputs = outputs_;
    product.bias = bias ? bias->const_data_ptr<float>() : nullptr;
    product.out = out.mutable_data_ptr<float>();
    if (precision_ == Precision::int8) {
      product.row_scales = rows.scales.const_data_ptr<float>();
      product.row_sums = rows.sums.const_data_ptr<int32_t>();
      product.output_scales = scales_.const_data_ptr<float>();
    }
    kernel(product);
  };
  switch (precision_) {
    case Precision::fp32:
      multiply(PackedProduct<float>(), rows.words.const_data_ptr<float>(), words_.const_data_ptr<float>(), multiply_floats);
      break;
    case Precision::bf16:
      multiply(PackedProduct<uint32_t>(), words_in(rows.words), words_in(words_), multiply_bfloat16);
      break;
    case Precision::int8:
      multiply(PackedProduct<uint32_t>(), words_in(rows.words), words_in(words_), multiply_int8);
      break;
  }
  return out;
}

}  // namespace sublayer::kernels

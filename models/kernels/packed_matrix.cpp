#include "models/kernels/packed_matrix.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include "models/kernels/packed_rows.h"

namespace sublayer::kernels {

PackedMatrix::PackedMatrix(const at::Tensor& weight)
    : outputs_(weight.size(0)), inputs_(weight.size(1)), values_(at::empty({packed_size(outputs_, inputs_)}, at::kFloat)) {
  pack_rows(weight.detach().contiguous().const_data_ptr<float>(), outputs_, inputs_, values_.mutable_data_ptr<float>());
}

at::Tensor PackedMatrix::product(const at::Tensor& given, const std::optional<at::Tensor>& bias) const {
  TORCH_CHECK(!at::GradMode::is_enabled(), "packed weights know no gradients");
  TORCH_CHECK(given.size(-1) == inputs_, "a product of ", given.sizes(), " with ", outputs_, " x ", inputs_);
  TORCH_CHECK(!bias || bias->numel() == outputs_, "a bias of ", bias->numel(), " for ", outputs_, " outputs");
  const auto x = given.contiguous();
  auto sizes = x.sizes().vec();
  sizes.back() = outputs_;
  auto out = at::empty(sizes, x.options());
  packed_product(x.const_data_ptr<float>(), inputs_ > 0 ? x.numel() / inputs_ : 0, values_.const_data_ptr<float>(),
                 bias ? bias->const_data_ptr<float>() : nullptr, outputs_, inputs_, out.mutable_data_ptr<float>());
  return out;
}

}  // namespace sublayer::kernels

#include "models/layout.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "models/device.h"
#include "models/kernels/padding.h"

namespace sublayer {
namespace {

at::Tensor cells_of(const at::Tensor& is_token) { return is_token.flatten().nonzero().squeeze(1); }

}  // namespace

Layout Layout::of_lengths(const std::vector<int64_t>& lengths, at::Device device) {
  Layout layout;
  layout.lengths_ = lengths;
  layout.longest_ = *std::max_element(lengths.begin(), lengths.end());
  const bool is_dense = std::all_of(lengths.begin(), lengths.end(), [&](int64_t n) { return n == layout.longest_; });
  layout.form_ = is_dense ? Form::dense : Form::ragged;
  const int64_t rows = static_cast<int64_t>(lengths.size());
  int64_t total = 0;
  for (const int64_t length : lengths) total += length;
  layout.positions_ = at::empty({total}, at::kLong);
  auto* position = layout.positions_.data_ptr<int64_t>();
  for (const int64_t length : lengths) {
    for (int64_t t = 0; t < length; ++t) *position++ = t;
  }
  if (!is_dense) {
    layout.padding_mask_ = at::empty({rows, layout.longest_}, at::kBool);
    auto* is_padding = layout.padding_mask_.data_ptr<bool>();
    for (const int64_t length : lengths) {
      for (int64_t t = 0; t < layout.longest_; ++t) *is_padding++ = t >= length;
    }
  }
  if (!device.is_cpu()) {
    layout.positions_ = to_device(layout.positions_, device);
    if (!is_dense) {
      layout.cells_ = to_device(cells_of(layout.padding_mask_.logical_not()), device);
      layout.padding_mask_ = to_device(layout.padding_mask_, device);
    }
  }
  return layout;
}

Layout Layout::of_mask(const at::Tensor& padding_mask) {
  Layout layout;
  layout.form_ = Form::masked;
  layout.padding_mask_ = padding_mask;
  const auto is_token = padding_mask.logical_not();
  layout.cells_ = cells_of(is_token);
  layout.positions_ = is_token.to(at::kLong).cumsum(1).sub(1).flatten().index_select(0, layout.cells_);
  return layout;
}

Layout Layout::of_step(const at::Tensor& positions, const Lineage* lineage) {
  Layout layout;
  layout.form_ = Form::step;
  layout.positions_ = positions;
  layout.lineage_ = lineage;
  return layout;
}

Layout Layout::without_tokens() const {
  if (form_ == Form::masked) return of_mask(padding_mask_.narrow(1, 0, 0));
  return of_lengths(std::vector<int64_t>(form_ == Form::step ? positions_.size(0) : lengths_.size(), 0), positions_.device());
}

at::Tensor Layout::starts() const {
  if (form_ == Form::masked) return padding_mask_.select(1, 0).to(at::kLong).mul(0);  // traceable for any B
  return at::zeros({static_cast<int64_t>(lengths_.size())}, positions_.options());
}

at::Tensor Layout::positions_from_end() const {
  if (form_ == Form::masked) {
    const auto is_token = padding_mask_.logical_not().to(at::kLong);
    return is_token.cumsum(1).sub(1).sub(is_token.sum(1, /*keepdim=*/true)).flatten().index_select(0, cells_);
  }
  TORCH_CHECK(form_ != Form::step, "a step does not know the length of its sequences");
  std::vector<int64_t> from_end;
  for (const int64_t length : lengths_) {
    for (int64_t t = -length; t < 0; ++t) from_end.push_back(t);
  }
  return ids_on(positions_.device(), from_end);
}

at::Tensor Layout::pad(const at::Tensor& packed) const {
  const int64_t rows = static_cast<int64_t>(lengths_.size());
  switch (form_) {
    case Form::step:
      return packed.unsqueeze(1);
    case Form::dense:
      return packed.unflatten(0, {rows, longest_});
    case Form::ragged:
      if (packed.is_cpu()) return kernels::pad(packed, lengths_, longest_);
      return at::zeros({rows * longest_, packed.size(1)}, packed.options()).index_copy_(0, cells_, packed).unflatten(0, {rows, longest_});
    case Form::masked:
      break;
  }
  const auto empty = at::zeros_like(padding_mask_, at::TensorOptions(packed.scalar_type())).unsqueeze(-1).expand({-1, -1, packed.size(1)});
  return empty.flatten(0, 1).index_copy(0, cells_, packed).view_as(empty);
}

at::Tensor Layout::pack(const at::Tensor& padded) const {
  switch (form_) {
    case Form::step:
      return padded.squeeze(1);
    case Form::dense:
      return padded.flatten(0, 1);
    case Form::ragged:
      if (padded.is_cpu()) return kernels::pack(padded, lengths_);
      break;
    case Form::masked:
      break;
  }
  return padded.flatten(0, 1).index_select(0, cells_);
}

}  // namespace sublayer

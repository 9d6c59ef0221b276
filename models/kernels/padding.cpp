#include "models/kernels/padding.h"

#include <ATen/ops/empty.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstring>
#include <numeric>

namespace sublayer::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

at::Tensor copy_to_padded(const at::Tensor& given, const std::vector<int64_t>& lengths, int64_t longest) {
  const auto packed = given.contiguous();
  auto padded = at::empty({static_cast<int64_t>(lengths.size()), longest, packed.size(1)}, packed.options());
  const size_t row = packed.size(1) * packed.element_size();
  const char* from = static_cast<const char*>(packed.const_data_ptr());
  char* to = static_cast<char*>(padded.mutable_data_ptr());
  for (const int64_t length : lengths) {
    std::memcpy(to, from, length * row);
    std::memset(to + length * row, 0, (longest - length) * row);
    from += length * row;
    to += longest * row;
  }
  return padded;
}

at::Tensor copy_to_packed(const at::Tensor& given, const std::vector<int64_t>& lengths) {
  const auto padded = given.contiguous();
  auto packed = at::empty({std::accumulate(lengths.begin(), lengths.end(), int64_t{0}), padded.size(2)}, padded.options());
  const size_t row = padded.size(2) * padded.element_size();
  const char* from = static_cast<const char*>(padded.const_data_ptr());
  char* to = static_cast<char*>(packed.mutable_data_ptr());
  for (const int64_t length : lengths) {
    std::memcpy(to, from, length * row);
    from += padded.size(1) * row;
    to += length * row;
  }
  return packed;
}

struct Pad : Function<Pad> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& packed, const std::vector<int64_t>& lengths, int64_t longest) {
    RECORD_FUNCTION("sublayer::Pad", {});
    context->saved_data["lengths"] = lengths;
    return copy_to_padded(packed, lengths, longest);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {copy_to_packed(gradients[0], context->saved_data["lengths"].toIntVector()), {}, {}};
  }
};

struct Pack : Function<Pack> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& padded, const std::vector<int64_t>& lengths) {
    RECORD_FUNCTION("sublayer::Pack", {});
    context->saved_data["lengths"] = lengths;
    context->saved_data["longest"] = padded.size(1);
    return copy_to_packed(padded, lengths);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto lengths = context->saved_data["lengths"].toIntVector();
    return {copy_to_padded(gradients[0], lengths, context->saved_data["longest"].toInt()), {}};
  }
};

}  // namespace

at::Tensor pad(const at::Tensor& packed, const std::vector<int64_t>& lengths, int64_t longest) {
  return Pad::apply(packed, lengths, longest);
}
at::Tensor pack(const at::Tensor& padded, const std::vector<int64_t>& lengths) { return Pack::apply(padded, lengths); }

}  // namespace sublayer::kernels

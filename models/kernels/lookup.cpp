#include "models/kernels/lookup.h"

#include <ATen/ops/_sparse_coo_tensor_unsafe.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/zeros.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "models/kernels/elements.h"
#include "models/kernels/first_derivative.h"
#include "models/kernels/rows.h"
#include "models/kernels/run.h"

namespace sublayer::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// The sums of the rows of x [N, d] with the same id, as a sparse [V, d].
at::Tensor sums_by_id(const at::Tensor& x, const at::Tensor& ids, int64_t vocabulary) {
  const auto* id = ids.const_data_ptr<int64_t>();
  std::vector<int64_t> distinct(id, id + ids.numel());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const int64_t width = x.size(1), count = std::ssize(distinct);
  auto sums = at::zeros({count, width}, at::kFloat);
  auto* sum = sums.mutable_data_ptr<float>();
  with_element_of(x, [&]<class Element>(Element) {
    const auto* rows = data_of<Element>(x);
    for (int64_t i = 0; i < ids.numel(); ++i) {
      const int64_t place = std::lower_bound(distinct.begin(), distinct.end(), id[i]) - distinct.begin();
      add_to(rows + i * width, width, sum + place * width);
    }
  });
  auto indices = at::empty({1, count}, at::kLong);
  std::copy(distinct.begin(), distinct.end(), indices.mutable_data_ptr<int64_t>());
  return at::_sparse_coo_tensor_unsafe(indices, sums.to(x.scalar_type()), {vocabulary, width}, x.options().layout(at::kSparse),
                                       /*is_coalesced=*/true);
}

struct LookupFunction : Function<LookupFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& table, const at::Tensor& given_ids) {
    RECORD_FUNCTION("sublayer::LookupFunction", {});
    const auto ids = given_ids.contiguous();
    auto out = at::index_select(table, 0, ids);
    if (!context) return out;
    context->save_for_backward({ids});
    context->saved_data["vocabulary"] = table.size(0);
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    require_first_derivative();
    return {sums_by_id(gradients[0].contiguous(), context->get_saved_variables()[0], context->saved_data["vocabulary"].toInt()), {}};
  }
};

}  // namespace

at::Tensor lookup(const at::Tensor& table, const at::Tensor& ids) { return run<LookupFunction>(table, ids); }

}  // namespace sublayer::kernels

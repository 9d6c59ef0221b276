#include "src/export/torchscript/traced_functions.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "src/core/errors.h"

namespace sublayer::format::torchscript {
namespace {

// How long a state has grown; no two pairs of sizes are equal in two of these.
struct Extent {
  int64_t rows, source, steps;
};

DecoderState example_state(Seq2SeqModel& model, const Extent& extent) {
  const auto ids = at::ones({extent.rows, extent.source}, at::kLong);
  auto state = encode(model, ids, at::zeros_like(ids, at::kBool));
  for (int64_t i = 0; i < extent.steps; ++i) step(model, ids.select(1, 0), state);
  return state;
}

[[noreturn]] void refuse(const std::string& what) { throw ConfigError("format torchscript: this model cannot be exported: " + what); }

std::string size_of(const StateTensor& tensor, int64_t small, int64_t large, const Extent& smaller, const Extent& larger) {
  if (small == large) return std::to_string(small);
  if (small == smaller.rows && large == larger.rows) return "R";
  if (small == smaller.source && large == larger.source) return "S";
  if (small == smaller.steps && large == larger.steps) return "t";
  refuse("the size of " + tensor.name + " in the decoder's state depends on more than rows, source length and steps");
}

}  // namespace

DecoderState encode(Seq2SeqModel& model, const at::Tensor& source_ids, const at::Tensor& padding_mask) {
  Context context = Context::plain();
  const auto layout = Layout::of_mask(padding_mask);
  return model.start(model.encode(layout.pack(source_ids.unsqueeze(2)).squeeze(1), layout, context), context);
}

at::Tensor step(Seq2SeqModel& model, const at::Tensor& ids, DecoderState& state) {
  Context context = Context::plain();
  const auto hidden = model.step(ids, state, context);
  return model.output_projection().logits(hidden).to(at::kFloat).log_softmax(-1);
}

std::vector<at::Tensor> to_list(DecoderState& state) {
  std::vector<at::Tensor> list;
  for (auto& [name, tensor] : state.tensors()) {
    if (tensor->defined()) list.push_back(*tensor);
  }
  return list;
}

void assign_list(DecoderState& state, const std::vector<at::Tensor>& list) {
  auto next = list.begin();
  for (auto& [name, tensor] : state.tensors()) {
    if (tensor->defined()) *tensor = *next++;
  }
}

std::vector<StateTensor> state_layout(Seq2SeqModel& model) {
  const at::NoGradGuard no_gradients;
  const Extent smaller{2, 5, 0}, larger{3, 7, 1};
  auto first = example_state(model, smaller), second = example_state(model, larger);
  std::vector<StateTensor> list;
  const auto one = first.tensors(), other = second.tensors();
  for (size_t i = 0; i < one.size(); ++i) {
    const auto &small = *one[i].second, &large = *other[i].second;
    StateTensor tensor{one[i].first, "", {}};
    if (small.defined() != large.defined()) refuse("the decoder's state holds " + tensor.name + " at some steps only");
    if (!small.defined()) continue;
    if (small.dim() != large.dim()) refuse(tensor.name + " in the decoder's state changes its number of dimensions");
    tensor.type = c10::getDtypeNames(small.scalar_type()).first;
    for (int64_t d = 0; d < small.dim(); ++d) tensor.shape.push_back(size_of(tensor, small.size(d), large.size(d), smaller, larger));
    if (tensor.shape.empty() || tensor.shape.front() != "R") refuse(tensor.name + " in the decoder's state has no rows as first dimension");
    list.push_back(std::move(tensor));
  }
  return list;
}

}  // namespace sublayer::format::torchscript

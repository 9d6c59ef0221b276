#include "tests/decoding/scripted_model.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace sublayer::test {

Memory ScriptedModel::encode(const at::Tensor& source, const Layout& layout, Context&) {
  return {source.to(at::kFloat).unsqueeze(1), layout};
}

at::Tensor ScriptedModel::decode(const at::Tensor&, const Layout&, const Memory&, Context&) {
  throw std::logic_error("a search must go step by step");
}

DecoderState ScriptedModel::start(const Memory& memory, const Context&) {
  DecoderState state;
  state.layers.resize(1);
  const auto first = memory.layout.pad(memory.states).select(1, 0);       // [B, 1]
  state.layers[0].cross.keys = first.unsqueeze(1).unsqueeze(1);           // [B, 1, 1, 1]: the source
  state.layers[0].self.keys = first.new_empty({first.size(0), 1, 0, 1});  // [B, 1, T, 1]: the target so far
  state.positions = at::zeros({first.size(0)}, at::kLong);
  return state;
}

at::Tensor ScriptedModel::step(const at::Tensor& target, DecoderState& state, Context&) {
  auto& targets = state.layers[0].self.keys;
  targets = at::cat({targets, target.to(at::kFloat).view({-1, 1, 1, 1})}, 2);
  state.positions = state.positions + 1;
  const int64_t rows = targets.size(0), length = targets.size(2);
  ++steps_;
  rows_ += rows;
  auto logits = at::empty({rows, vocabulary_});
  for (int64_t row = 0; row < rows; ++row) {
    std::vector<int64_t> so_far;
    for (int64_t t = 1; t < length; ++t) so_far.push_back(targets[row][0][t][0].item<int64_t>());
    logits[row].copy_(at::tensor(script_(state.layers[0].cross.keys[row][0][0][0].item<int64_t>(), so_far)));
  }
  return logits;
}

OutputProjection ScriptedModel::output_projection() const { return {at::eye(vocabulary_), {}}; }

std::vector<float> logs(const std::vector<float>& probabilities) {
  std::vector<float> logs;
  constexpr float smallest = -80;  // infinity has no place in a product
  for (const float probability : probabilities) logs.push_back(std::max(std::log(probability), smallest));
  return logs;
}

}  // namespace sublayer::test

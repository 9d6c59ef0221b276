#pragma once

#include "models/model.h"

namespace sublayer::format::torchscript {

// The two functions of a model that a file offers, of operators on tensors alone.

// Source ids and padding mask [B, S] -> the state before the first token, of B rows.
DecoderState encode(Seq2SeqModel& model, const at::Tensor& source_ids, const at::Tensor& padding_mask);

// Ids [R] -> log-probabilities of the next token [R, target vocabulary], float; `state` becomes the next one.
at::Tensor step(Seq2SeqModel& model, const at::Tensor& ids, DecoderState& state);

// A state as a list. Tensors that a model leaves undefined are no part of it, neither here nor there.
std::vector<at::Tensor> to_list(DecoderState& state);
void assign_list(DecoderState& state, const std::vector<at::Tensor>& list);

// One tensor of a state as the list's reader sees it.
struct StateTensor {
  std::string name;
  std::string type;
  std::vector<std::string> shape;  // numbers and letters: R rows, S tokens of the source, t tokens of the target so far
};

// A ConfigError where a model's state is no such list: its tensors change from step to step, or a size depends on more than R, S and t.
std::vector<StateTensor> state_layout(Seq2SeqModel& model);

}  // namespace sublayer::format::torchscript

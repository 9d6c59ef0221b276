#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/model.h"
#include "src/conformance/subject.h"

namespace sublayer::conformance {

// Whether variants of a kind are tried as a part of a small model, or as the model itself.
bool stands_in_model(const std::string& kind);

// The config of a Transformer that is quick to run (d_model 16, 2 + 2 layers, 2 heads) with a variant in its place, laid over by `over`.
config::Node small_model_config(const Subject& subject, const config::Node& over = config::Node::map());

// A model of a config.
std::shared_ptr<Seq2SeqModel> build_model(const config::Node& model_config, const VocabularySizes& sizes = {11, 11, true});

// Random parameters, around what their module states where it states anything: no zero bias, unit gain or closed branch hides anything.
void fill(Seq2SeqModel& model);

// A model with random parameters; YAML is laid over its config.
using ModelBuilder = std::function<std::shared_ptr<Seq2SeqModel>(const std::string& over)>;
ModelBuilder builder_of(const Subject& subject);

using Ids = std::vector<int64_t>;

// A few sources and targets of different lengths, ids below 11.
struct SentencePairs {
  std::vector<Ids> sources{{4, 5, 6, 7, 3}, {8, 3}, {9, 10, 4, 3}};
  std::vector<Ids> targets{{2, 7, 9, 4}, {2, 5, 5, 8, 6, 10}, {2}};

  SentencePairs alone(size_t index) const { return {{sources.at(index)}, {targets.at(index)}}; }
};

at::Tensor packed_ids(const std::vector<Ids>& rows, at::Device device = at::kCPU);  // [N]
at::Tensor padding_mask_of(const std::vector<Ids>& rows);                           // [B, T], padding at the end
Layout layout_of(const std::vector<Ids>& rows, at::Device device = at::kCPU);

// Hidden states of the targets' tokens, packed [N, d_model].
at::Tensor hidden_states(Seq2SeqModel& model, const SentencePairs& pairs, Context& context);
at::Tensor hidden_states(Seq2SeqModel& model, const SentencePairs& pairs);  // not in training

// The same, one token a step; after each step the rows of the decoder's state are turned by `turn` places.
at::Tensor stepwise_states(Seq2SeqModel& model, const SentencePairs& pairs, int64_t turn, Context& context);

// N(0, 1), in double precision.
at::Tensor random_tensor(const Noise& noise, at::IntArrayRef shape);

// Equal but for rounding, in double precision.
bool are_close(const at::Tensor& a, const at::Tensor& b);

}  // namespace sublayer::conformance

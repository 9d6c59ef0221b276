#include "src/conformance/small_model.h"

#include <ATen/ATen.h>

#include <map>

#include "models/activation/activation.h"
#include "models/device.h"
#include "models/initializer/initializer.h"

namespace sublayer::conformance {
namespace {

// Where a variant of a kind stands in a model's config; the model itself is all of it.
const std::map<std::string, std::string> places = {
    {activation::Activation::kind, "layer.feed_forward.activation"},
    {feed_forward::FeedForward::kind, "layer.feed_forward"},
    {norm::Norm::kind, "layer.norm"},
    {residual::Residual::kind, "layer.residual"},
    {attention::Attention::kind, "layer.attention"},
    {position::Position::kind, "position"},
    {block::Block::kind, "layer.block"},
    {initializer::Initializer::kind, "initializer"},
    {Seq2SeqModel::kind, ""},
};

// An option that has a meaning within one sequence alone keeps an attention from standing between two.
std::string place_of(const Subject& subject) {
  if (subject.kind != attention::Attention::kind) return places.at(subject.kind);
  Choice<attention::Attention> choice;
  config::ReadLog log;
  config::bind(choice)->read(subject.options, {subject.kind, &log});
  const bool is_of_self = !dynamic_cast<const attention::AttentionOptions&>(choice.options()).key_of_self_attention_only().empty();
  return is_of_self ? "layer.self_attention" : places.at(subject.kind);
}

std::vector<int64_t> lengths_of(const std::vector<Ids>& rows) {
  std::vector<int64_t> lengths;
  for (const Ids& row : rows) lengths.push_back(std::ssize(row));
  return lengths;
}

}  // namespace

bool stands_in_model(const std::string& kind) { return places.count(kind) > 0; }

config::Node small_model_config(const Subject& subject, const config::Node& over) {
  const auto small = config::parse_text(R"(
type: transformer
d_model: 16
layer:
  attention: {num_heads: 2}
  feed_forward: {d_ff: 24}
encoder: {num_layers: 2}
decoder: {num_layers: 2}
)",
                                        "small_model");
  const std::string place = place_of(subject);
  const auto around = subject.surroundings.is_map() ? config::merge(small, subject.surroundings) : small;
  return config::merge(config::merge(around, place.empty() ? subject.options : config::nested(place, subject.options)), over);
}

std::shared_ptr<Seq2SeqModel> build_model(const config::Node& model_config, const VocabularySizes& sizes) {
  Choice<Seq2SeqModel> choice;
  config::ReadLog log;
  config::bind(choice)->read(model_config, {"model", &log});
  return choice.build(sizes);
}

void fill(Seq2SeqModel& model) {
  for (const auto& parameter : all_parameters(model)) {
    at::Tensor values = parameter.tensor.detach();
    initializer::fill_normal(values, parameter.initial.value_or(0), 0.2, Noise(1)("small_model")(parameter.name));
  }
}

ModelBuilder builder_of(const Subject& subject) {
  return [subject](const std::string& over) {
    auto model = build_model(small_model_config(subject, yaml(over)));
    fill(*model);
    return model;
  };
}

at::Tensor packed_ids(const std::vector<Ids>& rows, at::Device device) {
  Ids all;
  for (const Ids& row : rows) all.insert(all.end(), row.begin(), row.end());
  return ids_on(device, all);
}

at::Tensor padding_mask_of(const std::vector<Ids>& rows) {
  const auto lengths = at::tensor(lengths_of(rows), at::kLong);
  return at::arange(lengths.max().item<int64_t>()).unsqueeze(0) >= lengths.unsqueeze(1);
}

Layout layout_of(const std::vector<Ids>& rows, at::Device device) { return Layout::of_lengths(lengths_of(rows), device); }

at::Tensor hidden_states(Seq2SeqModel& model, const SentencePairs& pairs, Context& context) {
  const auto device = model.device();
  const auto memory = model.encode(packed_ids(pairs.sources, device), layout_of(pairs.sources, device), context);
  return model.decode(packed_ids(pairs.targets, device), layout_of(pairs.targets, device), memory, context);
}

at::Tensor hidden_states(Seq2SeqModel& model, const SentencePairs& pairs) {
  Context context = Context::evaluation();
  return hidden_states(model, pairs, context);
}

at::Tensor stepwise_states(Seq2SeqModel& model, const SentencePairs& pairs, int64_t turn, Context& context) {
  const auto device = model.device();
  auto state = model.start(model.encode(packed_ids(pairs.sources, device), layout_of(pairs.sources, device), context), context);
  const int64_t rows = std::ssize(pairs.targets);
  const int64_t longest = padding_mask_of(pairs.targets).size(1);
  std::vector<at::Tensor> steps;
  for (int64_t t = 0, offset = 0; t < longest; ++t, offset += turn) {
    Ids tokens(rows);  // row r of the state holds sentence (r + offset) % rows
    for (int64_t row = 0; row < rows; ++row) {
      const Ids& target = pairs.targets[(row + offset) % rows];
      tokens[row] = t < std::ssize(target) ? target[t] : 0;
    }
    const auto hidden = model.step(ids_on(device, tokens), state, context);
    steps.push_back(hidden.roll(offset % rows, 0));
    state.select(to_device(at::arange(rows).roll(-turn, 0), device));
  }
  return layout_of(pairs.targets, device).pack(at::stack(steps, 1));
}

at::Tensor random_tensor(const Noise& noise, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape, at::kDouble);
  initializer::fill_normal(values, 0, 1, noise);
  return values;
}

bool are_close(const at::Tensor& a, const at::Tensor& b) { return a.sizes() == b.sizes() && a.allclose(b, 1e-9, 1e-10); }

}  // namespace sublayer::conformance

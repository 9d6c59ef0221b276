#include <ATen/ATen.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/tokenizer/tokenizer.h"
#include "src/decoding/search/search.h"
#include "src/export/format/format.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/wrapped_model.h"

namespace sublayer::test {
namespace {

using format::ExportInput;
using Ids = std::vector<int64_t>;

const VocabularySizes separate{13, 11, false};

std::shared_ptr<format::Format> torchscript() { return choice_of<format::Format>("torchscript").build(); }

torch::jit::Module exported(Seq2SeqModel& model, const VocabularySizes& sizes) {
  const TemporaryDirectory directory;
  torchscript()->write({model, sizes, {}}, directory / "model.pt");
  return torch::jit::load((directory / "model.pt").string());
}

at::Tensor padded(const std::vector<Ids>& rows) {
  std::vector<at::Tensor> list;
  for (const Ids& row : rows) list.push_back(at::tensor(row));
  return at::pad_sequence(list, true, tokenizer::pad_id);
}

// Log-probabilities [B, T, V] after each of the targets' tokens, by the file.
at::Tensor stepwise(torch::jit::Module& module, const at::Tensor& sources, const at::Tensor& targets) {
  c10::IValue state = module.get_method("encode")({sources, sources == tokenizer::pad_id});
  std::vector<at::Tensor> steps;
  for (int64_t t = 0; t < targets.size(1); ++t) {
    const auto result = module.get_method("step")({targets.select(1, t), state}).toTuple();
    steps.push_back(result->elements()[0].toTensor());
    state = result->elements()[1];
  }
  return at::stack(steps, 1);
}

// The same of one sentence, by the live model.
at::Tensor at_once(Seq2SeqModel& model, const Ids& source, const Ids& target) {
  const at::NoGradGuard no_gradients;
  Context context = Context::evaluation();
  const auto memory = model.encode(at::tensor(source), Layout::of_lengths({std::ssize(source)}), context);
  const auto hidden = model.decode(at::tensor(target), Layout::of_lengths({std::ssize(target)}), memory, context);
  return at::linear(hidden, model.output_projection().weight, model.output_projection().bias).log_softmax(-1);
}

struct Translation {
  at::Tensor ids, scores;
};

Translation translate(torch::jit::Module& module, const at::Tensor& sources, int64_t max_length, int64_t beam_size, double alpha) {
  const auto result = module.get_method("translate")({sources, max_length, beam_size, alpha}).toTuple();
  return {result->elements()[0].toTensor(), result->elements()[1].toTensor()};
}

const std::vector<Ids> some_sources{{5, 9, 12, 4, 4, 7, 3}, {3}, {11, 3}, {1, 8, 6, 10, 3}, {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 3}};

// What the file translates is what the search finds; where two translations are as good as each other, either.
void require_equal_searches(Seq2SeqModel& model, torch::jit::Module& module, const std::string& search, int64_t max_length,
                            int64_t beam_size, double alpha) {
  INFO(search << ", max_length " << max_length);
  Ids packed, lengths;
  for (const Ids& source : some_sources) {
    packed.insert(packed.end(), source.begin(), source.end());
    lengths.push_back(std::ssize(source));
  }
  const auto expected = choice_of<search::Search>(search).build()->run(model, at::tensor(packed), Layout::of_lengths(lengths),
                                                                       Ids(lengths.size(), max_length - 1));
  const auto found = translate(module, padded(some_sources), max_length, beam_size, alpha);
  for (int64_t row = 0; row < std::ssize(some_sources); ++row) {
    const auto& best = expected[row].front();
    CHECK(found.scores[row].item<double>() == Approx(best.score).margin(1e-4));
    Ids ids = best.ids;
    ids.push_back(tokenizer::end_id);
    REQUIRE(found.ids.size(1) >= std::ssize(ids));
    ids.resize(found.ids.size(1), tokenizer::pad_id);
    CHECK(found.ids[row].equal(at::tensor(ids)));
  }
}

// Each token, position and source ask for other tokens: a small model would repeat itself, and any search would find the same.
class Erratic : public Wrapped {
 public:
  explicit Erratic(uint64_t seed) : Wrapped(small_model("{}", separate, seed)) {
    table_ = add_parameter("table", {97, 16}, Role::position);
    fill_normal(Noise(seed), 0, 2, 97, 16, table_.mutable_data_ptr<float>());
  }
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return inner_->decode(target, layout, memory, context) + at::embedding(table_, (target * 7 + layout.positions() * 13) % 97);
  }
  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override {
    const auto surprise = at::embedding(table_, (target * 7 + state.positions * 13) % 97);
    return inner_->step(target, state, context) + surprise;
  }

 private:
  at::Tensor table_;
};

// Gives the same probability to three tokens of eleven, depending on token and position, and to all others a smaller one.
class Undecided : public Wrapped {
 public:
  Undecided() : Wrapped(small_model("{}", separate)) {
    table_ = add_parameter("table", {97, 11}, Role::position);
    projection_ = add_parameter("projection", {11, 11}, Role::output_projection);
    const at::NoGradGuard no_gradients;
    at::eye_out(projection_, 11);
    table_.fill_(-200);
    for (uint64_t row = 0; row < 97; ++row) {
      const auto tokens = Noise(7)(row).permutation(11);
      for (int i = 0; i < 3; ++i) table_[static_cast<int64_t>(row)][tokens[i]] = 0;
    }
  }
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory&, Context&) override {
    return at::embedding(table_, (target * 7 + layout.positions() * 13) % 97);
  }
  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override {
    const auto logits = at::embedding(table_, (target * 7 + state.positions * 13) % 97);
    inner_->step(target, state, context);
    return logits;
  }
  OutputProjection output_projection() const override { return {projection_, {}}; }

 private:
  at::Tensor table_, projection_;
};

// Its parameters are no longer those that were traced and saved when the live model is asked for its log-probabilities.
class Drifting : public Wrapped {
 public:
  using Wrapped::Wrapped;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    inner_->output_projection().weight.detach().mul_(1.1);
    return inner_->decode(target, layout, memory, context);
  }
};

// A size of the sentence at hand gets into the graph as a constant.
class LengthBaking : public Wrapped {
 public:
  using Wrapped::Wrapped;
  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override {
    const auto hidden = inner_->step(target, state, context);
    return hidden / static_cast<double>(state.layers.front().cross.keys.size(2));
  }
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return inner_->decode(target, layout, memory, context) / static_cast<double>(memory.layout.pad(memory.states).size(1));
  }
};

// Has no past at its first step.
class LateState : public Wrapped {
 public:
  using Wrapped::Wrapped;
  DecoderState start(const Memory& memory, const Context& context) override {
    auto state = inner_->start(memory, context);
    state.layers.front().self = {};
    return state;
  }
  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override {
    auto& keys = state.layers.front().self.keys;
    auto& values = state.layers.front().self.values;
    if (!keys.defined()) keys = values = state.layers.back().self.keys;
    return inner_->step(target, state, context);
  }
};

// A failed export leaves the directory as it was, an older file of the same name included.
template <class Error>
std::string failure_of(Seq2SeqModel& model) {
  const TemporaryDirectory directory;
  write_bytes(directory / "model.pt", "an older file");
  const auto message = message_of<Error>([&] { torchscript()->write({model, separate, {}}, directory / "model.pt"); });
  CHECK(read_bytes(directory / "model.pt") == "an older file");
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
  return message;
}

}  // namespace

TEST_CASE("an exported model gives the live model's log-probabilities, padded and in company or alone") {
  const auto model = small_model("{}", separate);
  auto module = exported(*model, separate);
  const std::vector<Ids> targets{{2, 5, 6, 1, 9, 10}, {2, 4, 4, 8, 3, 3}, {2, 9, 5, 7, 7, 7}, {2, 3, 2, 1, 0, 10}, {2, 10, 9, 8, 7, 6}};
  const auto together = stepwise(module, padded(some_sources), padded(targets));
  for (int64_t row = 0; row < together.size(0); ++row) {
    INFO("source " << row);
    const auto expected = at_once(*model, some_sources[row], targets[row]);
    CHECK((together[row] - expected).abs().max().item<double>() < 1e-4);
    CHECK((stepwise(module, padded({some_sources[row]}), padded({targets[row]}))[0] - expected).abs().max().item<double>() < 1e-4);
  }
}

TEST_CASE("rows of an exported model's state may be chosen, copied and dropped") {
  const auto model = small_model("{}", separate);
  auto module = exported(*model, separate);
  const auto sources = padded(some_sources);
  const auto start = module.get_method("encode")({sources, sources == tokenizer::pad_id});
  const auto ids = at::tensor(Ids{2, 4, 6, 8, 10}), rows = at::tensor(Ids{3, 0, 0});
  const auto first = module.get_method("step")({ids, start}).toTuple();
  c10::List<at::Tensor> chosen;
  for (const at::Tensor& tensor : first->elements()[1].toTensorVector()) chosen.push_back(tensor.index_select(0, rows));
  const auto next = at::tensor(Ids{5, 6, 7, 5, 5});
  const auto all = module.get_method("step")({next, first->elements()[1]}).toTuple()->elements()[0].toTensor();
  const auto some = module.get_method("step")({at::tensor(Ids{5, 5, 5}), chosen}).toTuple()->elements()[0].toTensor();
  CHECK((some[0] - all[3]).abs().max().item<double>() < 1e-5);
  CHECK((some[1] - some[2]).abs().max().item<double>() == 0);
  CHECK((some[1] - at_once(*model, some_sources[0], {2, 5})[1]).abs().max().item<double>() < 1e-4);
}

TEST_CASE("an exported model translates as the searches of the live model do") {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Erratic model(seed);
    auto module = exported(model, separate);
    for (const int64_t max_length : {1, 3, 12}) {
      require_equal_searches(model, module, "greedy", max_length, 1, 0);
      for (const int64_t beam_size : {1, 2, 3, 12}) {
        for (const char* alpha : {"0", "1", "2"}) {
          require_equal_searches(
              model, module,
              "{type: beam, beam_size: " + std::to_string(beam_size) + ", length_normalization: {type: power, alpha: " + alpha + "}}",
              max_length, beam_size, std::stod(alpha));
        }
      }
    }
  }
}

TEST_CASE("an exported model settles exact ties as the searches of the live model do") {
  const auto indifferent = small_model("{}", separate);
  indifferent->output_projection().weight.detach().zero_();  // all tokens are equally probable
  Undecided undecided;
  for (Seq2SeqModel* model : {static_cast<Seq2SeqModel*>(indifferent.get()), static_cast<Seq2SeqModel*>(&undecided)}) {
    auto module = exported(*model, separate);
    require_equal_searches(*model, module, "greedy", 6, 1, 0);
    for (const int64_t beam_size : {2, 3, 6}) {
      for (const int64_t max_length : {3, 6, 12}) {
        const std::string beam = "{type: beam, beam_size: " + std::to_string(beam_size);
        require_equal_searches(*model, module, beam + "}", max_length, beam_size, 1);
        require_equal_searches(*model, module, beam + ", length_normalization: none}", max_length, beam_size, 0);
      }
    }
  }
}

TEST_CASE("residuals, positions and feed-forward networks can be exported in any combination") {
  const VocabularySizes joint{11, 11, true};
  const auto export_one = [&](const std::string& yaml) {
    INFO(yaml);
    REQUIRE_NOTHROW(exported(*small_model(yaml, joint), joint));
  };
  const auto& residuals = Registry<residual::Residual>::instance();
  const auto& feed_forwards = Registry<feed_forward::FeedForward>::instance();
  const AnyRegistry* positions = nullptr;
  for (const AnyRegistry* registry : all_registries()) {
    if (registry->kind() == "position") positions = registry;
  }
  REQUIRE(positions);
  const std::string one_layer = "encoder: {num_layers: 1}, decoder: {num_layers: 1}, ";
  for (const auto& residual : residuals.names()) {
    for (const auto& position : positions->names()) {
      for (const auto& feed_forward : feed_forwards.names()) {
        export_one("{" + one_layer + "position: " + position + ", layer: {residual: " + residual +
                   ", feed_forward: {type: " + feed_forward + "}}}");
      }
    }
  }
  for (const char* tie : {"none", "decoder", "inputs", "all"}) export_one(std::string("{embedding: {tie: ") + tie + "}}");
  export_one("{embedding: {output_bias: true, output_scale: inverse_sqrt_d_model}}");
  export_one("{layer: {feed_forward: {bias: false}, attention: {bias: false}}}");
  export_one("{decoder: {layer: {self_attention: {num_heads: 4}, cross_attention: {num_heads: 1}}}}");
}

TEST_CASE("no file is written where it would not do what the live model does") {
  Drifting drifting(small_model("{}", separate));
  CHECK_THAT(failure_of<std::runtime_error>(drifting),
             Catch::Contains("format torchscript: the file would not do what the model does, so none was written: for a batch of") &&
                 Catch::Contains("log-probabilities differ, by"));
  LengthBaking baking(small_model("{}", separate));
  CHECK_THAT(failure_of<std::runtime_error>(baking), Catch::Contains("log-probabilities differ, by"));
}

TEST_CASE("a model whose decoder has no state of fixed form is refused") {
  LateState model(small_model("{}", separate));
  CHECK(failure_of<ConfigError>(model) ==
        "format torchscript: this model cannot be exported: the decoder's state holds layers.0.self.keys at some steps only");
}

TEST_CASE("an exported model has the live model's parameters under their names, tied ones once, without gradients") {
  for (const char* tie : {"none", "decoder", "inputs", "all"}) {
    const VocabularySizes joint{11, 11, true};
    const auto model = small_model(std::string("{embedding: {tie: ") + tie + "}}", joint);
    auto module = exported(*model, joint);
    std::map<std::string, at::Tensor> found;
    for (const auto& parameter : module.named_parameters()) {
      CHECK(!parameter.value.requires_grad());
      found[parameter.name] = parameter.value;
    }
    const auto expected = all_parameters(*model);
    CHECK(found.size() == expected.size());
    for (const auto& parameter : expected) {
      INFO(parameter.name);
      REQUIRE(found.count(parameter.name));
      CHECK(found[parameter.name].equal(parameter.tensor));
    }
    for (const auto& parameter : all_parameters(*model)) CHECK(parameter.tensor.requires_grad());
  }
}

TEST_CASE("an exported file carries the given files and says how it is used") {
  const auto model = small_model("{position: {type: learned, max_length: 20}}", separate);
  const TemporaryDirectory directory;
  const std::string bytes("binary\0\xff and more", 16);
  torchscript()->write({*model, separate, {{"config.yaml", "model: transformer\n"}, {"tokenizer.model", bytes}}}, directory / "model.pt");
  torch::jit::ExtraFilesMap files{{"config.yaml", ""}, {"tokenizer.model", ""}, {"sublayer.json", ""}};
  torch::jit::load((directory / "model.pt").string(), std::nullopt, files);
  CHECK(files["config.yaml"] == "model: transformer\n");
  CHECK(files["tokenizer.model"] == bytes);

  const auto facts = nlohmann::json::parse(files["sublayer.json"]);
  CHECK(facts.at("format_version") == 1);
  CHECK(facts.at("special_ids") == nlohmann::json{{"pad", 0}, {"unknown", 1}, {"begin", 2}, {"end", 3}});
  CHECK(facts.at("vocabulary_sizes") == nlohmann::json{{"source", 13}, {"target", 11}, {"is_joint", false}});
  CHECK(facts.at("max_length") == 20);
  CHECK(facts.at("extra_files") == nlohmann::json{"config.yaml", "tokenizer.model"});
  const auto& state = facts.at("state");
  REQUIRE(state.size() == 2 * 5 + 1);  // of each layer keys and values of both attentions and a mask
  CHECK(state[0] == nlohmann::json{{"name", "layers.0.self.keys"}, {"type", "float32"}, {"shape", {"R", "2", "t", "8"}}});
  CHECK(state[4] == nlohmann::json{{"name", "layers.0.cross.padding_mask"}, {"type", "bool"}, {"shape", {"R", "S"}}});
  CHECK(state[10] == nlohmann::json{{"name", "positions"}, {"type", "int64"}, {"shape", {"R"}}});
}

TEST_CASE("an exported model keeps to the longest sequence that it takes") {
  const auto model = small_model("{position: {type: learned, max_length: 8}}", separate);
  auto module = exported(*model, separate);
  const auto longest = at::tensor(Ids{4, 5, 6, 7, 8, 9, 10, 3}).unsqueeze(0);
  CHECK(translate(module, at::pad_sequence({longest[0], at::full({20}, 0)}, true)[0].unsqueeze(0), 50, 1, 0).ids.size(1) <= 8);
  const auto longer = at::tensor(Ids{4, 4, 5, 6, 7, 8, 9, 10, 3}).unsqueeze(0);
  CHECK_THAT(message_of<std::exception>([&] { translate(module, longer, 5, 1, 0); }),
             Catch::Contains("a source has 9 tokens, the model takes at most 8"));
}

TEST_CASE("translate of an exported model refuses arguments that make no sense") {
  const auto model = small_model("{}", separate);
  auto module = exported(*model, separate);
  const auto source = padded({{5, 3}});
  const auto refusal = [&](const at::Tensor& ids, int64_t max_length, int64_t beam_size, double alpha) {
    return message_of<std::exception>([&] { translate(module, ids, max_length, beam_size, alpha); });
  };
  CHECK_THAT(refusal(source, 0, 1, 1), Catch::Contains("max_length must be positive: it counts the end symbol"));
  CHECK_THAT(refusal(source, 1, 0, 1), Catch::Contains("beam_size must be positive"));
  CHECK_THAT(refusal(source, 1, 1, -1), Catch::Contains("alpha must not be negative"));
  CHECK_THAT(refusal(source[0], 1, 1, 1), Catch::Contains("source_ids must be [B, S] with B > 0"));
  CHECK(translate(module, source, 1, 4, 1).ids.equal(at::tensor(Ids{3}).unsqueeze(0)));
}

TEST_CASE("sublayer.json is the format's own file") {
  const auto model = small_model("{}", separate);
  const TemporaryDirectory directory;
  const ExportInput input{*model, separate, {{"sublayer.json", "{}"}}};
  CHECK(message_of<std::logic_error>([&] { torchscript()->write(input, directory / "model.pt"); }) ==
        "format torchscript writes sublayer.json itself");
}

}  // namespace sublayer::test

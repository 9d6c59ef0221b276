#include "src/experiment/inspect.h"

#include <ATen/ATen.h>

#include <cmath>

#include "data/batch.h"
#include "models/device.h"
#include "src/core/errors.h"
#include "src/decoding/search/next_token.h"
#include "src/decoding/teacher_forcing.h"

namespace sublayer::experiment {
namespace {

using Ids = std::vector<int64_t>;

// Keeps every step of a search for one source.
class StepKeeper : public search::Follower {
 public:
  StepKeeper(const tokenizer::Tokenizer& vocabulary, int64_t next_tokens) : vocabulary_(vocabulary), next_tokens_(next_tokens) {}

  void grew(const Ids& tokens, const decoding::LogProbabilities& next) override {
    auto& step = steps.emplace_back();
    for (size_t row = 0; row < tokens.size(); ++row) {
      auto& [pieces, log_probability] = rows_[row];
      if (latest_) {
        pieces.push_back(vocabulary_.piece(tokens[row]));
        log_probability += latest_->at(parents_[row], tokens[row]);
      }
      step.push_back({pieces, log_probability, {}});
      for (const auto& [id, value] : search::most_probable_tokens(next, static_cast<int64_t>(row), next_tokens_))
        step.back().next.push_back({id, vocabulary_.piece(id), std::exp(static_cast<double>(value))});
    }
    latest_ = next;
  }

  void went_on(const Ids& rows) override {
    std::vector<Row> former(rows_.size());
    former.swap(rows_);
    rows_.clear();
    for (const int64_t row : rows) rows_.push_back(former[row]);
    parents_ = rows;
  }

  std::vector<std::vector<FollowedRow>> steps;

 private:
  using Row = std::pair<std::vector<std::string>, double>;  // pieces so far, their log-probability
  const tokenizer::Tokenizer& vocabulary_;
  int64_t next_tokens_;
  std::vector<Row> rows_ = {{}};
  Ids parents_;
  std::optional<decoding::LogProbabilities> latest_;  // of the step before
};

std::vector<double> norms_of(const at::Tensor& vectors) {
  const auto norms = vectors.to(at::kDouble).norm(2, 1).to(at::kCPU).contiguous();
  return {norms.const_data_ptr<double>(), norms.const_data_ptr<double>() + norms.numel()};
}

// Sorts what modules show in one pass over one pair: by their names, source or target.
class Sorter : public Observer {
 public:
  explicit Sorter(Inspection& inspection) : inspection_(inspection) {}

  void see(const std::string& module, std::string_view what, const at::Tensor& value) override {
    const bool is_decoder = module.starts_with("decoder.");
    if (what == "weights") {
      sort_weights(module, is_decoder, value);
    } else if (module == "source_embedding" || module == "target_embedding") {
      keep_norms(module, &InspectedToken::embedding_norm, value);
    } else if (module == "source_input" || module == "target_input") {
      keep_norms(module, &InspectedToken::input_norm, value);
    } else if (is_layer(module)) {
      (is_decoder ? inspection_.target : inspection_.source).layer_norms.emplace_back(module, norms_of(value));
    }
  }

 private:
  // Weights [T, H, S]. The keys of a merged attention are the target's, then the source's: two pictures.
  void sort_weights(const std::string& module, bool is_decoder, const at::Tensor& value) {
    const bool is_cross = (module + ".").find(".cross_attention.") != std::string::npos;
    const int64_t queries = value.size(0), keys = value.size(2);
    const bool is_merged = is_decoder && !is_cross && keys != queries;
    add(module + (is_merged ? ".own" : ""), is_decoder, is_decoder && !is_cross, is_merged ? value.narrow(2, 0, queries) : value);
    if (is_merged) add(module + ".memory", is_decoder, false, value.narrow(2, queries, keys - queries));
  }

  void add(const std::string& name, bool is_decoder, bool is_over_target, const at::Tensor& weights) {
    const auto heads = weights.transpose(0, 1).to(at::kCPU, at::kFloat).contiguous();  // [H, T, S]
    const float* first = heads.const_data_ptr<float>();
    inspection_.attention.push_back(
        {name, is_decoder, is_over_target, heads.size(0), heads.size(1), heads.size(2), {first, first + heads.numel()}});
  }

  void keep_norms(const std::string& module, double InspectedToken::*field, const at::Tensor& vectors) {
    auto& tokens = (module.starts_with("target") ? inspection_.target : inspection_.source).tokens;
    const auto norms = norms_of(vectors);
    for (size_t i = 0; i < tokens.size(); ++i) tokens[i].*field = norms[i];
  }

  // "encoder.layers.3"
  static bool is_layer(const std::string& module) {
    const auto layers = module.find(".layers.");
    return layers != std::string::npos && module.find('.', layers + 8) == std::string::npos;
  }

  Inspection& inspection_;
};

std::vector<InspectedToken> tokens_of(const Ids& ids, const tokenizer::Tokenizer& vocabulary) {
  std::vector<InspectedToken> tokens;
  for (const int64_t id : ids) tokens.push_back({id, vocabulary.piece(id)});
  return tokens;
}

}  // namespace

Inspection inspect(const Run& run, const std::string& source, int64_t next_tokens) {
  const at::NoGradGuard no_gradients;
  auto& model = *run.model;
  const auto& target_vocabulary = *run.tokenizers.target;
  Inspection inspection{run.directory.string(), run.weights, run.config.search.name(), source, {}, {}, {}, {}, {}, {}};

  const data::Sentences sources{run.tokenizers.source->encode(source)};
  const int64_t length = sources[0].size(), longest = model.max_length();
  if (longest > 0 && length + 1 > longest)
    throw DataError("the source has " + std::to_string(length + 1) + " tokens with its end symbol, but the model takes at most " +
                    std::to_string(longest));
  const auto search = run.config.search.build();
  const int64_t limit = longest > 0 ? std::min(search->max_length(length), longest - 1) : search->max_length(length);
  StepKeeper keeper(target_vocabulary, next_tokens);
  const PackedWeights weights(model, search->precision());  // the path of `translate`
  const auto sequences = data::make_batch({sources, {{}}}, {0}).source;
  const auto device = model.device();
  const auto found = search->run(model, ids_on(device, sequences.ids), Layout::of_lengths(sequences.lengths, device), {limit}, &keeper,
                                 Context::evaluation(&weights))[0];
  inspection.steps = std::move(keeper.steps);
  for (const auto& hypothesis : found)
    inspection.found.push_back(
        {target_vocabulary.decode(hypothesis.ids), hypothesis.score, hypothesis.log_probability, hypothesis.is_finished});
  inspection.target_text = inspection.found.front().text;

  const auto batch = data::make_batch({sources, {found.front().ids}}, {0});
  inspection.source.tokens = tokens_of(batch.source.ids, *run.tokenizers.source);
  inspection.target.tokens = tokens_of(batch.target_input.ids, target_vocabulary);
  Sorter sorter(inspection);
  auto context = Context::plain();
  context.observer = &sorter;
  decoding::teacher_forced(model, batch, context);
  return inspection;
}

}  // namespace sublayer::experiment

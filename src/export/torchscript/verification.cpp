#include "src/export/torchscript/verification.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "data/tokenizer/tokenizer.h"
#include "src/core/noise.h"
#include "src/decoding/search/search.h"

namespace sublayer::format::torchscript {
namespace {

using Ids = std::vector<int64_t>;

constexpr double tolerance = 1e-4;

// Random sentences, as packed ids with their layout for the live model and as a padded matrix for the file.
struct Sentences {
  Ids lengths;
  at::Tensor packed, padded;  // [N], [B, T]
  Layout layout() const { return Layout::of_lengths(lengths); }
};

Sentences sentences(int64_t rows, int64_t longest, int64_t vocabulary, const Noise& noise) {
  const int64_t specials = vocabulary > tokenizer::num_special_ids ? tokenizer::num_special_ids : 0;
  Sentences batch;
  std::vector<at::Tensor> list;
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t length = row == 0 ? longest : 1 + static_cast<int64_t>(noise("length").below(longest, row));
    Ids ids;
    for (int64_t i = 0; i < length; ++i) ids.push_back(specials + static_cast<int64_t>(noise("id")(row).below(vocabulary - specials, i)));
    ids.back() = tokenizer::end_id;
    batch.lengths.push_back(length);
    list.push_back(at::tensor(ids));
  }
  batch.packed = at::cat(list);
  batch.padded = at::pad_sequence(list, /*batch_first=*/true, tokenizer::pad_id);
  return batch;
}

// The comparison of one file with its model.
class Comparison {
 public:
  Comparison(torch::jit::Module& exported, Seq2SeqModel& model, const VocabularySizes& sizes) : exported_(exported), model_(model), sizes_(sizes) {}

  void run(int64_t rows, int64_t source_length, int64_t target_length) {
    if (const int64_t longest = model_.max_length(); longest > 0) {
      source_length = std::min(source_length, longest);
      target_length = std::min(target_length, longest);
    }
    where_ = "a batch of " + std::to_string(rows) + " sources of up to " + std::to_string(source_length) + " tokens";
    const Noise noise = Noise(1)("export")(static_cast<uint64_t>(rows));
    const auto source = sentences(rows, source_length, sizes_.source, noise("source"));
    compare_log_probabilities(source, sentences(rows, target_length, sizes_.target, noise("target")));
    compare_search(source, target_length, "greedy", "greedy", 1, 0);
    compare_search(source, target_length, "{type: beam, beam_size: 4, early_stopping: true, length_normalization: {type: power, alpha: 0.7}}",
                   "beam", 4, 0.7);
  }

 private:
  // The live model sees all positions at once, the file one at a time.
  void compare_log_probabilities(const Sentences& source, const Sentences& target) {
    Context context = Context::evaluation();
    const auto hidden = model_.decode(target.packed, target.layout(), model_.encode(source.packed, source.layout(), context), context);
    const auto projection = model_.output_projection();
    const auto expected = at::linear(hidden, projection.weight, projection.bias).to(at::kFloat).log_softmax(-1);  // [N, V]

    c10::IValue state = exported_.get_method("encode")({source.padded, source.padded == tokenizer::pad_id});
    std::vector<at::Tensor> steps;
    for (int64_t t = 0; t < target.padded.size(1); ++t) {
      const auto result = exported_.get_method("step")({target.padded.select(1, t).clone(), state}).toTuple();
      steps.push_back(result->elements()[0].toTensor());
      state = result->elements()[1];
    }
    const auto found = at::stack(steps, 1).flatten(0, 1).index_select(0, target.padded.flatten().ne(tokenizer::pad_id).nonzero().squeeze(1));
    const double difference = (found - expected).abs().max().item<double>();
    if (!(difference <= tolerance)) fail("log-probabilities differ by " + std::to_string(difference));
  }

  void compare_search(const Sentences& source, int64_t max_length, const std::string& config, const std::string& name, int64_t beam_size,
                      double alpha) {
    const auto expected = live_search(config)->run(model_, source.packed, source.layout(), Ids(source.lengths.size(), max_length - 1));
    const auto result = exported_.get_method("translate")({source.padded, max_length, beam_size, alpha}).toTuple();
    const auto ids = result->elements()[0].toTensor(), scores = result->elements()[1].toTensor();
    for (size_t row = 0; row < expected.size(); ++row) {
      const auto& best = expected[row].front();
      Ids translation = best.ids;
      translation.push_back(tokenizer::end_id);
      translation.resize(std::max<size_t>(translation.size(), ids.size(1)), tokenizer::pad_id);
      const auto given = ids[static_cast<int64_t>(row)];
      if (given.equal(at::tensor(translation))) continue;
      const double difference = std::abs(scores[static_cast<int64_t>(row)].item<double>() - best.score);
      if (!(difference <= tolerance)) fail(name + " search finds another translation, its score differs by " + std::to_string(difference));
    }
  }

  static std::shared_ptr<search::Search> live_search(const std::string& config) {
    Choice<search::Search> search;
    config::ReadLog log;
    config::bind(search)->read(config::parse_text(config, "export"), {"search", &log});
    return search.build();
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("format torchscript: the file would not do what the model does, so none was written: for " + where_ + ", " + what);
  }

  torch::jit::Module& exported_;
  Seq2SeqModel& model_;
  VocabularySizes sizes_;
  std::string where_;
};

}  // namespace

void verify(torch::jit::Module& exported, Seq2SeqModel& model, const VocabularySizes& sizes) {
  const at::NoGradGuard no_gradients;
  Comparison comparison(exported, model, sizes);
  comparison.run(1, 1, 3);
  comparison.run(1, 8, 6);
  comparison.run(3, 13, 9);
  comparison.run(6, 4, 17);
}

}  // namespace sublayer::format::torchscript

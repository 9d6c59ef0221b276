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
  const int64_t specials = vocabulary > tokenizer::num_special_ids ? tokenizer::num_special_ids : 1;
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
  Comparison(torch::jit::Module& exported, Seq2SeqModel& model, const VocabularySizes& sizes)
      : exported_(exported), model_(model), sizes_(sizes) {}

  void run(int64_t rows, int64_t source_length, int64_t target_length) {
    if (const int64_t longest = model_.max_length(); longest > 0) {
      source_length = std::min(source_length, longest);
      target_length = std::min(target_length, longest);
    }
    where_ = "a batch of " + std::to_string(rows) + " sources of up to " + std::to_string(source_length) + " tokens";
    const Noise noise = Noise(1)("export")(static_cast<uint64_t>(rows));
    const auto source = sentences(rows, source_length, sizes_.source, noise("source"));
    compare_log_probabilities(source, sentences(rows, target_length, sizes_.target, noise("target")));
    compare_search(source, target_length, "greedy", 1, 0);
    compare_search(source, target_length,
                   "{type: beam, beam_size: 4, early_stopping: true, length_normalization: {type: power, alpha: 0.7}}", 4, 0.7);
  }

 private:
  // All positions at once: of packed inputs the log-probabilities [N, V] of what follows.
  at::Tensor live_log_probabilities(const at::Tensor& source, const Layout& source_layout, const at::Tensor& target, const Layout& layout) {
    Context context = Context::evaluation();
    const auto hidden = model_.decode(target, layout, model_.encode(source, source_layout, context), context);
    return model_.output_projection().logits(hidden).to(at::kFloat).log_softmax(-1);
  }

  // The live model sees all positions at once, the file one at a time.
  void compare_log_probabilities(const Sentences& source, const Sentences& target) {
    const auto expected = live_log_probabilities(source.packed, source.layout(), target.packed, target.layout());
    c10::IValue state = exported_.get_method("encode")({source.padded, source.padded == tokenizer::pad_id});
    std::vector<at::Tensor> steps;
    for (int64_t t = 0; t < target.padded.size(1); ++t) {
      const auto result = exported_.get_method("step")({target.padded.select(1, t).clone(), state}).toTuple();
      steps.push_back(result->elements()[0].toTensor());
      state = result->elements()[1];
    }
    const auto is_token = target.padded.ne(tokenizer::pad_id).flatten();
    compare("log-probabilities differ", at::stack(steps, 1).flatten(0, 1).index_select(0, is_token.nonzero().squeeze(1)), expected);
  }

  // The file must find translations that score as high as those that the search finds, and their scores must be what they say.
  void compare_search(const Sentences& source, int64_t max_length, const std::string& config, int64_t beam_size, double alpha) {
    const auto best = live_search(config)->run(model_, source.packed, source.layout(), Ids(source.lengths.size(), max_length - 1));
    const auto result = exported_.get_method("translate")({source.padded, max_length, beam_size, alpha}).toTuple();
    const auto translations = result->elements()[0].toTensor(), scores = result->elements()[1].toTensor();
    for (int64_t row = 0; row < std::ssize(best); ++row) {
      const auto ids = translations[row].masked_select(translations[row] != tokenizer::pad_id);
      compare("translations score differently with " + config, scores[row], at::scalar_tensor(best[row].front().score));
      const double log_probability = live_log_probability(source.padded[row].narrow(0, 0, source.lengths[row]), ids);
      const double length = static_cast<double>(ids.size(0));
      compare("translations have other scores than they should with " + config, scores[row],
              at::scalar_tensor(log_probability / std::pow(length, alpha)));
    }
  }

  // Of one translation, its end symbol included.
  double live_log_probability(const at::Tensor& source, const at::Tensor& ids) {
    const auto input = at::cat({at::tensor(Ids{tokenizer::begin_id}), ids.narrow(0, 0, ids.size(0) - 1)});
    const auto log_probabilities =
        live_log_probabilities(source, Layout::of_lengths({source.size(0)}), input, Layout::of_lengths({input.size(0)}));
    return log_probabilities.gather(1, ids.unsqueeze(1)).to(at::kDouble).sum().item<double>();
  }

  void compare(const std::string& what, const at::Tensor& found, const at::Tensor& expected) const {
    const double difference = (found - expected).abs().max().item<double>();
    if (difference <= tolerance) return;  // not so where it is NaN
    throw std::runtime_error(
        "format torchscript: the file would not do what the model does, so none was written: for " + where_ + ", " + what + ", by " +
        std::to_string(difference) +
        ". A part of the model may compute with sizes or values outside of tensor operators, which tracing cannot see");
  }

  static std::shared_ptr<search::Search> live_search(const std::string& config) {
    Choice<search::Search> search;
    config::ReadLog log;
    config::bind(search)->read(config::parse_text(config, "export"), {"search", &log});
    return search.build();
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

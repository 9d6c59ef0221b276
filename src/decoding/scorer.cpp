#include "src/decoding/scorer.h"

#include <ATen/ops/argmax.h>

#include <algorithm>

#include "src/decoding/log_probabilities.h"
#include "src/decoding/teacher_forcing.h"

namespace sublayer::decoding {
namespace {

constexpr int64_t rows_at_a_time = 256;  // bounds the memory for log-probabilities, which have a column for each word

std::vector<TargetScore> score_batch(Seq2SeqModel& model, const data::Batch& batch) {
  Context context = Context::evaluation();
  const auto hidden = teacher_forced(model, batch, context);  // [N, d_model]
  const auto projection = model.output_projection();

  const auto& targets = batch.target_output.ids;
  const int64_t tokens = std::ssize(targets);
  std::vector<float> of_targets(tokens);
  std::vector<bool> is_correct(tokens);
  for (int64_t first = 0; first < tokens; first += rows_at_a_time) {
    const int64_t rows = std::min(rows_at_a_time, tokens - first);
    const auto block = log_probabilities(projection, hidden.narrow(0, first, rows));  // [rows, V]
    const auto most_probable = block.argmax(-1);
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t target = targets[first + i];
      of_targets[first + i] = block.const_data_ptr<float>()[i * block.size(1) + target];
      is_correct[first + i] = most_probable.const_data_ptr<int64_t>()[i] == target;
    }
  }

  std::vector<TargetScore> scores;
  int64_t token = 0;
  for (const int64_t length : batch.target_output.lengths) {
    auto& score = scores.emplace_back();
    for (const int64_t end = token + length; token < end; ++token) {
      score.log_probability += of_targets[token];
      score.token_log_probabilities.push_back(of_targets[token]);
      score.correct_tokens += is_correct[token];
    }
  }
  return scores;
}

}  // namespace

std::vector<TargetScore> score_all(Seq2SeqModel& model, const data::Dataset& dataset, const BatchSettings& settings) {
  std::vector<TargetScore> all(dataset.size());
  for_each_batch(dataset, settings, [&](const std::vector<int64_t>& examples) {
    auto scores = score_batch(model, data::make_batch(dataset, examples));
    for (size_t i = 0; i < examples.size(); ++i) all[examples[i]] = std::move(scores[i]);
  });
  return all;
}

Likelihood likelihood_of(Seq2SeqModel& model, const data::Dataset& dataset, const BatchSettings& settings) {
  Likelihood sum;
  for (const auto& score : score_all(model, dataset, settings)) {
    sum.negative_log_likelihood -= score.log_probability;
    sum.tokens += std::ssize(score.token_log_probabilities);
    sum.correct_tokens += score.correct_tokens;
  }
  return sum;
}

}  // namespace sublayer::decoding

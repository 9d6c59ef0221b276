#include "src/decoding/scorer.h"

#include <algorithm>

#include "models/packed_weights.h"
#include "src/decoding/log_probabilities.h"
#include "src/decoding/teacher_forcing.h"

namespace sublayer::decoding {
namespace {

constexpr int64_t rows_at_a_time = 256;  // bounds the memory for logits, which have a column for each word

std::vector<TargetScore> score_batch(Seq2SeqModel& model, const data::Batch& batch, Context context) {
  const auto hidden = teacher_forced(model, batch, context);  // [N, d_model]
  const auto projection = model.output_projection();

  const auto& targets = batch.target_output.ids;
  const int64_t tokens = std::ssize(targets);
  std::vector<float> of_targets(tokens);
  std::vector<bool> is_correct(tokens);
  for (int64_t first = 0; first < tokens; first += rows_at_a_time) {
    const int64_t rows = std::min(rows_at_a_time, tokens - first);
    const LogProbabilities block(projection.logits(hidden.narrow(0, first, rows), context));
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t target = targets[first + i];
      of_targets[first + i] = block.at(i, target);
      is_correct[first + i] = block.most_probable(i) == target;
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
  const PackedWeights weights(model);
  std::vector<TargetScore> all(dataset.size());
  for_each_batch(dataset, settings, [&](const std::vector<int64_t>& examples) {
    auto scores = score_batch(model, data::make_batch(dataset, examples), Context::evaluation(&weights));
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

#include "src/experiment/trial.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <system_error>

#include "data/epoch.h"
#include "src/core/clock.h"
#include "src/experiment/run.h"
#include "src/experiment/training_parts.h"

namespace sublayer::experiment {
namespace {

// The first update is not timed: it pays for what is made once.
Trial measure(const RunConfig& config, const Datasets& sets, const tokenizer::Tokenizers& tokenizers, int64_t updates) {
  TrainingParts parts(config, sizes_of(tokenizers), 1);
  const auto plan = data::Epoch(sets.train, config.training.batching, parts.data_noise(uint64_t{0})).plan(0);
  double start = 0, tokens = 0;
  const int64_t last = std::min<int64_t>(updates, static_cast<int64_t>(plan.size()) - 1);
  for (int64_t update = 0; update <= last; ++update) {
    if (update == 1) start = steady_seconds();
    const auto& sums = parts.gradients.compute(sets.train, plan[update], parts.dropout_noise(static_cast<uint64_t>(update + 1)));
    for (const auto& gradient : sums.gradients) at::Tensor(gradient).mul_(1 / static_cast<double>(sums.target_tokens));
    parts.optimizer->step(sums.gradients, update + 1, parts.schedule->factor(update + 1));
    if (update > 0) tokens += static_cast<double>(sums.source_tokens + sums.target_tokens);
  }
  Trial trial;
  if (last > 0) {
    trial.tokens_per_second = tokens / (steady_seconds() - start);
    trial.tokens_per_update = tokens / static_cast<double>(last);
  }
  return trial;
}

}  // namespace

Trial try_updates(const RunConfig& config, const Datasets& sets, const tokenizer::Tokenizers& tokenizers, int64_t updates) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    Trial trial;
    try {
      trial = measure(config, sets, tokenizers, updates);
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(::write(ends[1], &trial, sizeof trial) == static_cast<ssize_t>(sizeof trial) ? 0 : 1);
  }
  ::close(ends[1]);
  Trial trial;
  const bool is_whole = ::read(ends[0], &trial, sizeof trial) == static_cast<ssize_t>(sizeof trial);
  ::close(ends[0]);
  rusage usage{};
  ::wait4(child, nullptr, 0, &usage);
  if (!is_whole) throw std::runtime_error("a trial of a few updates failed; train the arm alone to see why");
  trial.peak_bytes = static_cast<double>(usage.ru_maxrss) * 1024;
  return trial;
}

}  // namespace sublayer::experiment

#pragma once

#include <atomic>
#include <vector>

#include "data/batching.h"
#include "src/bench/subject.h"
#include "src/core/scratch_directory.h"
#include "src/experiment/training_parts.h"
#include "src/training/trainer.h"

namespace sublayer::bench {

// The user stopped a measurement.
struct Interrupted {};

// The training of a subject from its initial weights, by the trainer that trains runs, without validation and probes. Its records and
// checkpoints go to a scratch directory.
class TrainingLoop {
 public:
  TrainingLoop(const Subject& subject, int64_t workers);

  // Goes on by so many updates, with a record at each multiple of `log_every`, and writes a checkpoint, which no time of an update
  // includes. Throws Interrupted when `stop` is set.
  const training::TrainingState& advance(int64_t updates, int64_t log_every, const std::atomic<bool>& stop);

  // Tokens per second, source and target, in each record so far.
  std::vector<double> recorded_rates() const;

  const training::TrainingState& state() const { return state_; }
  const Seq2SeqModel& model() const { return *parts_.model; }
  const training::TrainingOptions& options() const { return subject_.config.training; }
  WorkerPool& pool() { return parts_.pool; }
  // Of the first epoch, for as many updates as it has.
  const std::vector<data::Update>& plan() const { return plan_; }
  double plan_seconds() const { return plan_seconds_; }

 private:
  ScratchDirectory scratch_;
  const Subject& subject_;
  experiment::TrainingParts parts_;
  training::CheckpointStore store_;
  training::MetricsLog log_;
  training::Progress progress_;
  training::Probes probes_;
  training::TrainingState state_;
  std::vector<data::Update> plan_;
  double plan_seconds_ = 0;
};

}  // namespace sublayer::bench

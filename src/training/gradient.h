#pragma once

#include <memory>
#include <vector>

#include "data/batch.h"
#include "data/batching.h"
#include "models/model.h"
#include "src/core/noise.h"
#include "src/core/worker_pool.h"
#include "src/training/loss/loss.h"

namespace sublayer::training {

struct GradientSums {
  std::vector<at::Tensor> gradients;  // one per parameter of the model, summed over the update's target tokens
  double loss = 0;                    // summed likewise
  int64_t source_tokens = 0, target_tokens = 0;
};

// The gradient of one update, made of its micro-batches on several threads. Micro-batches are added in their order, so the bits do not
// depend on the number of workers.
class GradientComputer {
 public:
  // `replicas`: one per worker; all share the parameters' storage with the model. `fused_kernels`: see Context::fused.
  GradientComputer(std::vector<std::shared_ptr<Seq2SeqModel>> replicas, const loss::Loss& loss, WorkerPool& pool, bool fused_kernels);

  // `noise` is the update's.
  const GradientSums& compute(const data::Dataset& dataset, const data::Update& update, const Noise& noise);

 private:
  std::vector<std::shared_ptr<Seq2SeqModel>> replicas_;
  std::vector<std::vector<at::Tensor>> parameters_;  // of each replica
  const loss::Loss& loss_;
  WorkerPool& pool_;
  bool fused_kernels_;
  GradientSums sums_;
};

// Makes the parameters of `replica` share the storage of those of `model`.
void share_parameters(const Module& model, const Module& replica);

}  // namespace sublayer::training

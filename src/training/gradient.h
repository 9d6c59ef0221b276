#pragma once

#include <functional>
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
  double loss = 0;                    // summed likewise; to know it, the host waits for the device
  int64_t source_tokens = 0, target_tokens = 0;
};

// The gradient of one update, made of its micro-batches on several threads. Micro-batches are added in their order, so the bits do not
// depend on the number of workers.
class GradientComputer {
 public:
  // `build` gives models like this one; each worker has a replica. `type`, that of activations and products: where it is the model's, the
  // replicas share its parameters, and where it is another, copies that are made once for an update. Sums are of the model's type.
  // `fused_kernels`: see Context::fused.
  GradientComputer(const Seq2SeqModel& model, const std::function<std::shared_ptr<Seq2SeqModel>()>& build, const loss::Loss& loss,
                   WorkerPool& pool, at::ScalarType type, bool fused_kernels);

  // `noise` is the update's.
  const GradientSums& compute(const data::Dataset& dataset, const data::Update& update, const Noise& noise);

 private:
  void add(at::Tensor gradient, size_t parameter, bool is_first);

  std::vector<std::shared_ptr<Seq2SeqModel>> replicas_;
  std::vector<std::vector<at::Tensor>> parameters_;  // of each replica
  std::vector<at::Tensor> weights_, copies_;         // of the model, and in the replicas' type; both empty where that is the model's
  const loss::Loss& loss_;
  WorkerPool& pool_;
  bool fused_kernels_;
  GradientSums sums_;
};

// Makes the parameters of `replica` share the storage of those of `model`.
void share_parameters(const Module& model, const Module& replica);

}  // namespace sublayer::training

#pragma once

#include <unordered_map>

#include "models/kernels/packed_matrix.h"

namespace sublayer {

class Seq2SeqModel;

// Packed copies of all matrices of a model, for many passes without gradients while its weights stay as they are. A matrix that no kernel
// knows (another device or type) has none.
class PackedWeights {
 public:
  explicit PackedWeights(const Seq2SeqModel& model);

  // The copy of a parameter; null: there is none.
  const kernels::PackedMatrix* find(const at::Tensor& weight) const;

 private:
  void add(const at::Tensor& weight);
  std::unordered_map<const at::TensorImpl*, kernels::PackedMatrix> matrices_;
};

}  // namespace sublayer

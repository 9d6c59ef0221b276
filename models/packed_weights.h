#pragma once

#include <unordered_map>

#include "models/kernels/packed_matrix.h"

namespace sublayer {

class Seq2SeqModel;

// Packed copies of all matrices of a model, for many passes without gradients while its weights stay as they are. A matrix that no kernel
// knows (another device or type) has none.
class PackedWeights {
 public:
  // UserError where the model is on a GPU and the precision is not fp32.
  explicit PackedWeights(const Seq2SeqModel& model, Precision precision = Precision::fp32);

  // The copy of a parameter; null: there is none.
  const kernels::PackedMatrix* find(const at::Tensor& weight) const;

 private:
  void add(const at::Tensor& weight, Precision precision);
  // By the tensor itself, which is kept so that no other can take its address.
  struct Entry {
    at::Tensor weight;
    kernels::PackedMatrix packed;
  };
  std::unordered_map<const at::TensorImpl*, Entry> matrices_;
};

}  // namespace sublayer

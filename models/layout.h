#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "models/lineage.h"

namespace sublayer {

// Where the tokens of packed activations [N, d] stand in a batch of B sequences of at most T tokens. Everything but attention works on
// packed activations and never sees padding; attention pads, attends, packs. In masks true means padding.
class Layout {
 public:
  // From the lengths of the sequences; tokens are packed sequence by sequence. For activations on `device`.
  static Layout of_lengths(const std::vector<int64_t>& lengths, at::Device device = at::kCPU);
  // From a padding mask [B, T]; only operators on tensors, so that it can be traced for any B and T.
  static Layout of_mask(const at::Tensor& padding_mask);
  // One token for each of R rows, at positions [R]; which tokens of the past they see, where that is known. The lineage outlives the
  // layout.
  static Layout of_step(const at::Tensor& positions, const Lineage* lineage = nullptr);
  // The same sequences before their first token: T = 0.
  Layout without_tokens() const;

  at::Tensor pad(const at::Tensor& packed) const;   // [N, d] -> [B, T, d]
  at::Tensor pack(const at::Tensor& padded) const;  // [B, T, d] -> [N, d]

  const std::vector<int64_t>& lengths() const { return lengths_; }  // of the sequences; empty for a mask or a step
  const at::Tensor& positions() const { return positions_; }        // [N], each token's index in its sequence
  const Lineage* lineage() const { return lineage_; }               // of a step; null: of no step, or not known
  at::Tensor starts() const;                                        // [B], the position of each sequence's first token: 0
  at::Tensor positions_from_end() const;                            // [N], the same minus the sequence's length; not of a step
  const at::Tensor& padding_mask() const { return padding_mask_; }  // [B, T], undefined where no cell is padding

 private:
  enum class Form { dense, ragged, masked, step };
  Form form_ = Form::dense;
  std::vector<int64_t> lengths_;
  int64_t longest_ = 0;
  at::Tensor positions_, padding_mask_;
  const Lineage* lineage_ = nullptr;
  at::Tensor cells_;  // [N], row of each token in [B * T, d] (masked form; ragged, where no kernel pads)
};

}  // namespace sublayer

#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "models/block/block.h"
#include "models/context.h"
#include "models/layout.h"
#include "models/module.h"
#include "src/core/config/choice.h"

namespace sublayer {

using block::Memory;

// Sizes of the two vocabularies; joint: both sides use the same ids.
struct VocabularySizes {
  int64_t source, target;
  bool is_joint;
};

// What a decoder keeps of R hypotheses between two steps. All tensors of `tensors()` have R rows; keys and values in parts, which a
// lineage reads, are not among them.
struct DecoderState {
  std::vector<block::LayerCache> layers;
  at::Tensor positions;            // [R], of the next token
  std::optional<Lineage> lineage;  // where attention has kernels for steps

  // Every tensor with its name, such as "layers.0.self.keys". Masks are undefined where nothing is padded.
  std::vector<std::pair<std::string, at::Tensor*>> tensors();

  // Row i becomes the former row rows[i] ([new R], int64): chooses, copies or drops hypotheses.
  void select(const at::Tensor& rows);
};

// hidden states [N, d_model] -> logits [N, vocabulary]: h W^T + b, or with a soft cap c, c tanh((h W^T + b) / c).
struct OutputProjection {
  at::Tensor weight;                    // [vocabulary, d_model]
  std::optional<at::Tensor> bias = {};  // [vocabulary]
  double soft_cap = 0;                  // 0: none
  at::Tensor logits(const at::Tensor& hidden, const Context& context = Context::plain()) const;
};

// What a config must know of a model's options, whatever the variant.
struct ModelOptions : config::Options {
  // The key below `model` that makes both sides share one vocabulary; empty where none does.
  virtual std::string key_needing_joint_vocabulary() const { return ""; }
};

// An encoder and an autoregressive decoder. Training, decoding and export know a model by this interface alone.
class Seq2SeqModel : public Module {
 public:
  static constexpr const char* kind = "model";
  static constexpr const char* kind_documentation = "an encoder and a decoder";
  using Arguments = std::tuple<const VocabularySizes&>;

  // Packed ids [N] -> states.
  virtual Memory encode(const at::Tensor& source, const Layout& layout, Context& context) = 0;

  // All positions of given targets at once, each seeing those before it: packed ids [N] (begin symbol first) -> hidden states [N, d_model].
  virtual at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) = 0;

  // One token per hypothesis: a state of one row per source sequence, and its growth by ids [R] -> hidden states [R, d_model]. The context
  // of all steps allows what that of the start does.
  virtual DecoderState start(const Memory& memory, const Context& context) = 0;
  virtual at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) = 0;

  virtual OutputProjection output_projection() const = 0;

  // Where its parameters are; ids and layouts must be there too.
  at::Device device() const { return output_projection().weight.device(); }

  // The longest sequence that the model takes on either side, with end symbol; 0: any.
  virtual int64_t max_length() const = 0;

  // Fills every parameter from the stream `noise`.
  virtual void initialize(const Noise& noise) = 0;
};

}  // namespace sublayer

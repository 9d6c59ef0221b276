#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "models/model.h"

namespace sublayer::test {

// A model whose next-token distribution is written by hand: `script` gets the first id of the source and the target so far (without the
// begin symbol) and returns the logits of the vocabulary. It notices rows that were mixed up, as its state holds source and target.
class ScriptedModel final : public Seq2SeqModel {
 public:
  using Script = std::function<std::vector<float>(int64_t source, const std::vector<int64_t>& target)>;
  ScriptedModel(int64_t vocabulary, Script script, int64_t max_length = 0)
      : vocabulary_(vocabulary), max_length_(max_length), script_(std::move(script)) {}

  Memory encode(const at::Tensor& source, const Layout& layout, Context& context) override;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override;
  DecoderState start(const Memory& memory, const Context& context) override;
  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override;
  OutputProjection output_projection() const override;
  int64_t max_length() const override { return max_length_; }
  void initialize(const Noise&) override {}

  int64_t steps() const { return steps_; }
  int64_t rows() const { return rows_; }  // of all steps together

 private:
  int64_t vocabulary_, max_length_;
  Script script_;
  int64_t steps_ = 0, rows_ = 0;
};

// log(probability), for scripts.
std::vector<float> logs(const std::vector<float>& probabilities);

}  // namespace sublayer::test

#pragma once

#include "models/context.h"
#include "models/norm/norm.h"
#include "src/core/config/choice.h"

namespace sublayer::transformer {

struct EmbeddingOptions : config::Options {
  std::string tie = "decoder";
  std::string scale = "sqrt_d_model";
  std::string output_scale = "none";
  double dropout = 0.1;
  Choice<norm::Norm> norm = "none";
  double source_word_dropout = 0, target_word_dropout = 0;
  bool output_bias = false;
  double output_soft_cap = 0;
  void fields(config::Fields& v) override {
    v.word("tie", tie, {"none", "decoder", "inputs", "all"},
           "shared weights: target embedding and output projection (decoder), or the source's embedding (inputs), or all three")
        .otherwise("none")
        .otherwise("inputs")
        .otherwise("all");
    v.word("scale", scale, {"none", "sqrt_d_model"}, "factor on the embeddings").otherwise("none");
    v.word("output_scale", output_scale, {"none", "inverse_sqrt_d_model"}, "factor on the states that are projected (T5)")
        .otherwise("inverse_sqrt_d_model");
    v("dropout", dropout, "rate on embeddings with positions; 0 switches it off").otherwise("0.4");
    v("norm", norm, "norm of embeddings with positions, before dropout").otherwise("layer_norm");
    v("source_word_dropout", source_word_dropout,
      "rate at which whole words of the source are zeroed, before positions are added (Sennrich et al. 2016); 0 switches it off")
        .otherwise("0.4");
    v("target_word_dropout", target_word_dropout, "the same for words that the decoder reads").otherwise("0.4");
    v("output_bias", output_bias, "whether each word of the target has a bias of its own in the output projection").otherwise("true");
    v("output_soft_cap", output_soft_cap, "logits s become c tanh(s / c) (Gemma 2); 0 switches it off").otherwise("0.5");
  }
  void check(config::Checker& c) const override {
    for (const auto& [field, rate] : {std::pair{"dropout", dropout}, std::pair{"source_word_dropout", source_word_dropout},
                                      std::pair{"target_word_dropout", target_word_dropout}})
      c.require(rate >= 0 && rate < 1, field, "must be at least 0 and below 1");
    c.require(output_soft_cap >= 0, "output_soft_cap", "must not be negative");
  }
  bool shares_inputs() const { return tie == "all" || tie == "inputs"; }
  bool shares_output() const { return tie == "all" || tie == "decoder"; }
};

// A trained vector for each id: [N] -> [N, d_model].
class Embedding : public Module {
 public:
  Embedding(int64_t vocabulary, int64_t d_model, double scale);
  at::Tensor forward(const at::Tensor& ids, const Context& context);
  const at::Tensor& weight() const { return weight_; }

 private:
  double scale_;
  at::Tensor weight_;
};

}  // namespace sublayer::transformer

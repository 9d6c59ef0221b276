#pragma once

#include <ATen/ATen.h>

#include "models/context.h"
#include "models/kernels/step_attention.h"
#include "models/layout.h"
#include "models/module.h"
#include "models/position/position.h"
#include "src/core/config/choice.h"

namespace sublayer::attention {

// What every variant of attention has.
struct AttentionOptions : config::Options {
  int64_t num_heads = 8;
  double dropout = 0;
  void fields(config::Fields& v) override {
    v("num_heads", num_heads, "heads; they divide d_model").otherwise("4");
    v("dropout", dropout, "rate on the attention weights; 0 switches it off").otherwise("0.4");
  }
  // A key that is set and makes sense within one sequence alone; empty: there is none.
  virtual std::string key_of_self_attention_only() const { return ""; }
  void check(config::Checker& c) const override {
    c.require(num_heads > 0, "num_heads", "must be positive");
    c.require(dropout >= 0 && dropout < 1, "dropout", "must be at least 0 and below 1");
  }
};

// Whose tokens keys and values are of: the sequence's own, or the encoder's.
enum class Side { own, memory };

// An attention as its block sees it.
struct Place {
  int64_t d_model;
  bool sees_own, sees_memory, is_decoder;
  position::Position& position;
};

// Keys and values of B sequences in one of two forms. Padded: [B, H, S, d_head], and which of their S cells are padding ([B, S], true =
// padding; undefined: none). In parts: as they were made, each step's by itself; which hypothesis sees which of them says the Lineage.
struct KeyValues {
  at::Tensor keys, values, padding_mask;
  std::vector<kernels::KeyValuePart> parts;
};

// Puts the latest behind the former ones, none of them padding.
inline void append(KeyValues& kept, const KeyValues& latest) {
  if (latest.parts.empty()) {
    kept = {at::cat({kept.keys, latest.keys}, 2), at::cat({kept.values, latest.values}, 2), {}, {}};
  } else {
    kept.parts.insert(kept.parts.end(), latest.parts.begin(), latest.parts.end());
  }
}

// What is looked at of a side: packed states [N, d_model] of which keys and values are made, or, while decoding, those that were kept.
// Causal: a token sees those up to its own place only.
struct Sight {
  Side side;
  bool is_causal;
  const at::Tensor* states;
  const Layout* layout;  // of the states
  KeyValues kept;        // where there are no states
};

// Queries look up a weighted mean of values. Training makes keys and values of a whole sequence; decoding makes them once, keeps them and
// adds one token at a time.
class Attention : public Module {
 public:
  static constexpr const char* kind = "attention";
  static constexpr const char* kind_documentation = "queries look up values by keys";
  using Arguments = std::tuple<const Place&>;

  // Keys and values of packed states [N, d_model] of a side, to be kept while decoding.
  virtual KeyValues project(const at::Tensor& states, const Layout& layout, Side side, const Context& context) = 0;

  // x [N, d_model], packed as `layout` says -> [N, d_model], by one softmax over the keys of all sights.
  virtual at::Tensor attend(const at::Tensor& x, const Layout& layout, const std::vector<Sight>& sights, Context& context) = 0;
};

}  // namespace sublayer::attention

#pragma once

#include "src/core/config/fields.h"

namespace sublayer::tokenizer {

// What every tokenizer is asked, whatever its kind: the options of each variant derive from this.
struct TokenizerOptions : config::Options {
  bool joint = true;
  config::Path model, source_model, target_model;
  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
  virtual int64_t stated_size() const { return 0; }  // of the vocabulary; 0: training decides
  bool is_trained() const { return model.empty() && source_model.empty(); }
};

}  // namespace sublayer::tokenizer

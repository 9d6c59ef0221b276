#pragma once

#include <string>
#include <vector>

#include "tests/support/small_model.h"

namespace sublayer::test {

// A small model in which one registered variant takes the place of the default: YAML to lay over the small model's.
struct Variant {
  std::string name;  // "norm rms_norm"
  std::string yaml;
  double deviation = 0.3;  // of the parameters
};

// Every variant of activation, feed_forward, norm, residual, attention, position and block; each norm under each residual.
std::vector<Variant> all_variants();

// The small model with a variant in it, and more YAML below the variant's.
std::shared_ptr<Seq2SeqModel> small_model(const Variant& variant, const std::string& base = "{}");

// One YAML text laid over another.
std::string laid_over(const std::string& base, const std::string& over);

}  // namespace sublayer::test

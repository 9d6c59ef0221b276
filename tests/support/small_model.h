#pragma once

#include <memory>
#include <string>

#include "models/model.h"

namespace sublayer::test {

// A Transformer that is quick to run: d_model 16, 2 + 2 layers, 2 heads. `yaml` is laid over its config as an
// experiment's arm would be: "layer: {residual: pre}". All parameters are N(0, deviation^2), so that no zero bias or unit gain hides
// anything.
std::shared_ptr<Seq2SeqModel> small_model(const std::string& yaml = "{}", const VocabularySizes& sizes = {11, 11, true}, uint64_t seed = 1,
                                          double deviation = 0.3);

}  // namespace sublayer::test

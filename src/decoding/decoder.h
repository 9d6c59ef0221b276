#pragma once

#include <cstdint>
#include <vector>

#include "models/model.h"
#include "models/packed_weights.h"
#include "src/decoding/batches.h"
#include "src/decoding/search/search.h"

namespace sublayer::decoding {

// Searches a target for each source (without end symbol; an empty one is the end symbol alone): for each its hypotheses, best first.
// DataError where the model does not take a source as long as that; targets are kept within what the model takes. `weights` are the
// model's in the search's precision, for who calls often.
std::vector<std::vector<search::Hypothesis>> decode_all(Seq2SeqModel& model, const data::Sentences& sources, const search::Search& search,
                                                        const BatchSettings& settings, const PackedWeights& weights);
std::vector<std::vector<search::Hypothesis>> decode_all(Seq2SeqModel& model, const data::Sentences& sources, const search::Search& search,
                                                        const BatchSettings& settings);

}  // namespace sublayer::decoding

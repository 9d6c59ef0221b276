#pragma once

#include "src/evaluation/bleu.h"

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>
#include <span>

namespace sublayer::evaluation {

// The answer of `sublayer bleu`: {"score", "signature", "precisions", "brevity_penalty", "hypothesis_length",
// "reference_length", "correct", "total"}. Throws as Bleu::corpus does.
nlohmann::json bleu_report(const Bleu& bleu, Lines hypotheses, std::span<const Lines> references);

// Many corpora in one process: each line of `input` is a JSON object
//   {"hypotheses": ["..."], "references": [["..."]], "tokenize": "13a", "lowercase": false, "effective_order": false,
//    "segments": false}
// of which the first two are required; "references" is a list of reference streams, as in sacreBLEU. The answer is one
// line with a bleu_report, and with "segment_scores" if "segments" is true. Throws std::invalid_argument with the
// number of the line that is wrong.
void answer_bleu_requests(std::istream& input, std::ostream& output);

}  // namespace sublayer::evaluation

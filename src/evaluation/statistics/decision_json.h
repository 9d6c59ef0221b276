#pragma once

#include <nlohmann/json_fwd.hpp>

namespace sublayer::statistics {

struct Decision;

// The fields of a decision under their names; what is unknown is null, an interval is [low, high].
nlohmann::json to_json(const Decision& decision);

// Answers {"comparisons": [{"arm": [0.31, null], "baseline": [0.29, 0.3]}], "design": {...}} with the list of decisions. null stands for a
// run that diverged; the design's keys are test ("paired" or "welch"), level, next_level, margin, higher_is_better, each with Design's
// default. A list of requests is answered with a list. Throws std::invalid_argument.
nlohmann::json answer_statistics_request(const nlohmann::json& request);

}  // namespace sublayer::statistics

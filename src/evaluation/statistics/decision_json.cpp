#include "src/evaluation/statistics/decision_json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

#include "src/evaluation/statistics/decision.h"

namespace sublayer::statistics {
namespace {

using Json = nlohmann::json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

void require_known_keys(const Json& object, const std::set<std::string>& known) {
  if (!object.is_object()) throw std::invalid_argument("an object is expected, not " + object.dump());
  for (const auto& [key, value] : object.items()) {
    if (!known.contains(key)) throw std::invalid_argument("unknown key '" + key + "'");
  }
}

std::vector<std::optional<double>> runs_in(const Json& values) {
  std::vector<std::optional<double>> runs;
  for (const Json& value : values) runs.push_back(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
  return runs;
}

Test test_named(const std::string& name) {
  if (name == "paired") return Test::paired;
  if (name == "welch") return Test::welch;
  throw std::invalid_argument("unknown test '" + name + "': paired or welch");
}

Design design_in(const Json& object) {
  require_known_keys(object, {"test", "level", "next_level", "margin", "higher_is_better"});
  Design design;
  if (object.contains("test")) design.test = test_named(object["test"].get<std::string>());
  design.level = object.value("level", design.level);
  if (object.contains("next_level")) design.next_level = object["next_level"].get<double>();
  if (object.contains("margin")) design.margin = object["margin"].get<double>();
  design.higher_is_better = object.value("higher_is_better", design.higher_is_better);
  return design;
}

Json decisions_about(const Json& request) {
  require_known_keys(request, {"comparisons", "design"});
  std::vector<Comparison> family;
  for (const Json& comparison : request.at("comparisons")) {
    require_known_keys(comparison, {"arm", "baseline"});
    family.push_back({runs_in(comparison.at("arm")), runs_in(comparison.at("baseline"))});
  }
  Json answer = Json::array();
  for (const Decision& decision : decide(family, design_in(request.value("design", Json::object())))) answer.push_back(to_json(decision));
  return answer;
}

}  // namespace

Json to_json(const Decision& decision) {
  return {{"verdict", name_of(decision.verdict)},
          {"sentence", decision.sentence},
          {"seeds", decision.seeds},
          {"arm_diverged", decision.arm_diverged},
          {"baseline_diverged", decision.baseline_diverged},
          {"difference", or_null(decision.difference)},
          {"interval", decision.interval ? Json::array({decision.interval->low, decision.interval->high}) : Json()},
          {"p", or_null(decision.p)},
          {"p_adjusted", or_null(decision.p_adjusted)},
          {"p_equivalence", or_null(decision.p_equivalence)},
          {"correlation", or_null(decision.correlation)},
          {"pairing_gain", or_null(decision.pairing_gain)},
          {"detectable_difference", or_null(decision.detectable_difference)},
          {"seeds_to_decide", or_null(decision.seeds_to_decide)},
          {"is_identical", decision.is_identical},
          {"has_constant_difference", decision.has_constant_difference}};
}

Json answer_statistics_request(const Json& request) try {
  if (!request.is_array()) return decisions_about(request);
  Json answers = Json::array();
  for (const Json& one : request) answers.push_back(decisions_about(one));
  return answers;
} catch (const Json::exception& error) {
  throw std::invalid_argument(error.what());
}

}  // namespace sublayer::statistics

#include "src/evaluation/statistics/decision_json.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "src/evaluation/statistics/decision.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::statistics {
namespace {

std::string refusal_of(const char* request) {
  return test::message_of<std::invalid_argument>([&] { answer_statistics_request(nlohmann::json::parse(request)); });
}

}  // namespace

TEST_CASE("a request in JSON is answered as decide() decides") {
  const auto request = nlohmann::json::parse(R"({"comparisons": [{"arm": [1.0, 1.2, null], "baseline": [0.9, 1.1, 1.3]}],
    "design": {"test": "welch", "level": 0.025, "next_level": 0.01, "margin": 0.1, "higher_is_better": true}})");
  const std::vector<Comparison> family = {{{1.0, 1.2, std::nullopt}, {0.9, 1.1, 1.3}}};
  const Design design{.test = Test::welch, .level = 0.025, .next_level = 0.01, .margin = 0.1, .higher_is_better = true};
  const auto answer = answer_statistics_request(request);
  CHECK(answer == nlohmann::json::array({to_json(decide(family, design).front())}));
  CHECK(answer[0]["verdict"] == "undecided");
  CHECK(answer[0]["arm_diverged"] == 1);
  CHECK(answer[0]["p_equivalence"].is_null());
  CHECK(answer_statistics_request({request, request}) == nlohmann::json::array({answer, answer}));
}

TEST_CASE("requests that cannot be understood are refused") {
  CHECK(refusal_of(R"({"comparison": []})") == "unknown key 'comparison'");
  CHECK(refusal_of(R"({"comparisons": [], "design": {"alpha": 0.05}})") == "unknown key 'alpha'");
  CHECK(refusal_of(R"({"comparisons": [], "design": {"test": "sign"}})") == "unknown test 'sign': paired or welch");
  CHECK(refusal_of(R"([3])") == "an object is expected, not 3");
  CHECK(refusal_of(R"({})").find("comparisons") != std::string::npos);
  CHECK(refusal_of(R"({"comparisons": [{"arm": ["x"], "baseline": [1]}]})").find("number") != std::string::npos);
}

}  // namespace sublayer::statistics

#include "src/evaluation/bleu_report.h"

#include "tests/support/catch.h"

#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

namespace sublayer::evaluation {
namespace {

std::string answers(const std::string& requests) {
  std::istringstream input(requests);
  std::ostringstream output;
  answer_bleu_requests(input, output);
  return output.str();
}

}  // namespace

TEST_CASE("each request for BLEU is answered on a line of its own") {
  std::istringstream lines(
      answers("{\"hypotheses\": [\"a b c d\"], \"references\": [[\"a b c d\"]]}\n"
              "{\"hypotheses\": [\"a b\", \"x\"], \"references\": [[\"a b\", \"y\"]], \"effective_order\": true, "
              "\"segments\": true}\n"));
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(nlohmann::json::parse(line)["score"].get<double>() == Approx(100));
  REQUIRE(std::getline(lines, line));
  const nlohmann::json second = nlohmann::json::parse(line);
  CHECK(second["correct"] == nlohmann::json({2, 1, 0, 0}));
  CHECK(second["segment_scores"][1] == 0);
  CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("a wrong request for BLEU is refused with its line") {
  CHECK_THROWS_WITH(answers("{\"hypotheses\": [\"a\"], \"references\": [[\"a\"]], \"tokenise\": \"13a\"}\n"),
                    "request 1: unknown key 'tokenise'");
  CHECK_THROWS_WITH(answers("{\"hypotheses\": [\"a\"], \"references\": [[\"a\"]]}\n{\"hypotheses\": [], \"references\": [[]]}\n"),
                    "request 2: BLEU needs at least one segment");
  CHECK_THROWS(answers("not JSON\n"));
}

}  // namespace sublayer::evaluation

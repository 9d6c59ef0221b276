#include "src/decoding/search/next_token.h"

#include "tests/support/catch.h"

#include <ATen/ATen.h>

#include <limits>
#include <stdexcept>

#include "data/tokenizer/tokenizer.h"
#include "tests/support/message_of.h"

namespace sublayer::search {
namespace {

constexpr float minus_infinity = -std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::vector<int64_t> ids(const std::vector<float>& row, int64_t count) {
  std::vector<int64_t> ids;
  const decoding::LogProbabilities all(at::tensor(row).unsqueeze(0));
  const auto expected = at::log_softmax(at::tensor(row), 0);
  for (const auto& token : most_probable_tokens(all, 0, count)) {
    CHECK(token.log_probability == Approx(expected[token.id].item<float>()).margin(1e-6));
    ids.push_back(token.id);
  }
  return ids;
}

}  // namespace

TEST_CASE("next tokens come best first") {
  const std::vector<float> row = {minus_infinity, -7, minus_infinity, -4, -1, -3, -2, -6, -5};
  CHECK(ids(row, 1) == std::vector<int64_t>{4});
  CHECK(ids(row, 3) == std::vector<int64_t>{4, 6, 5});
  CHECK(ids(row, 100) == std::vector<int64_t>{4, 6, 5, 3, 8, 7, 1});
}

TEST_CASE("of equally probable next tokens the lower ids come first") {
  const std::vector<float> equal(9, -2);
  CHECK(ids(equal, 1) == std::vector<int64_t>{1});
  CHECK(ids(equal, 4) == std::vector<int64_t>{1, 3, 4, 5});
  CHECK(ids({-9, -3, -9, -2, -3, -2, -1}, 4) == std::vector<int64_t>{6, 3, 5, 1});
}

TEST_CASE("pad and begin symbols never follow, however probable") {
  std::vector<float> row(6, -5);
  row[tokenizer::pad_id] = row[tokenizer::begin_id] = -0.01f;
  CHECK(ids(row, 6) == std::vector<int64_t>{tokenizer::unknown_id, tokenizer::end_id, 4, 5});
}

TEST_CASE("next tokens of a large vocabulary are found wherever they stand") {
  for (const int64_t size : {63, 64, 65, 200}) {
    for (int64_t best = 4; best < size; ++best) {
      std::vector<float> row(size, -9);
      row[best] = -1;
      CHECK(ids(row, 2) == std::vector<int64_t>{best, tokenizer::unknown_id});
      CHECK(decoding::LogProbabilities(at::tensor(row).unsqueeze(0)).most_probable(0) == best);
    }
  }
}

TEST_CASE("impossible tokens do not follow") {
  CHECK(ids({-1, minus_infinity, -1, -4, minus_infinity, -2}, 6) == std::vector<int64_t>{5, 3});
}

TEST_CASE("a distribution without any possible token is an error") {
  for (const auto& row : {std::vector<float>(6, nan), std::vector<float>(6, minus_infinity), std::vector<float>{-1, -2, -1, -4, nan, -2}}) {
    CHECK(test::message_of<std::runtime_error>([&] { ids(row, 2); }) ==
          "search: the model gives no token a probability; its parameters are not finite");
  }
}

}  // namespace sublayer::search

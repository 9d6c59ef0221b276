#include "src/decoding/search/next_token.h"

#include "tests/support/catch.h"

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
  for (const auto& token : most_probable_tokens(row.data(), std::ssize(row), count)) {
    CHECK(token.log_probability == row[token.id]);
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

TEST_CASE("impossible tokens do not follow") {
  CHECK(ids({-1, minus_infinity, -1, -4, minus_infinity, -2}, 6) == std::vector<int64_t>{5, 3});
  CHECK(ids({-1, nan, -1, -4, nan, -2}, 6) == std::vector<int64_t>{5, 3});
}

TEST_CASE("a distribution without any possible token is an error") {
  const std::vector<float> row(6, nan);
  CHECK(test::message_of<std::runtime_error>([&] { most_probable_tokens(row.data(), 6, 2); }) ==
        "search: the model gives no token a probability; its parameters are not finite");
}

}  // namespace sublayer::search

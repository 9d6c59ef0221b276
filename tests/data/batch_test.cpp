#include "data/batch.h"

#include "data/tokenizer/tokenizer.h"
#include "tests/support/catch.h"

namespace sublayer::test {

using Ids = std::vector<int64_t>;

TEST_CASE("a batch holds the chosen examples in order, with begin and end symbols where the model expects them") {
  const data::Dataset dataset{{{10, 11}, {12}, {}}, {{20}, {21, 22, 23}, {24}}};
  const data::Batch batch = data::make_batch(dataset, {1, 0, 2});
  const int64_t begin = tokenizer::begin_id, end = tokenizer::end_id;
  CHECK(batch.source.ids == Ids{12, end, 10, 11, end, end});
  CHECK(batch.source.lengths == Ids{2, 3, 1});
  CHECK(batch.target_input.ids == Ids{begin, 21, 22, 23, begin, 20, begin, 24});
  CHECK(batch.target_output.ids == Ids{21, 22, 23, end, 20, end, 24, end});
  CHECK(batch.target_input.lengths == Ids{4, 2, 2});
  CHECK(batch.target_output.lengths == batch.target_input.lengths);
}

TEST_CASE("a batch of no examples is empty, and an example that does not exist is an error") {
  const data::Dataset dataset{{{4}}, {{5}}};
  CHECK(data::make_batch(dataset, {}).source.lengths.empty());
  CHECK_THROWS_AS(data::make_batch(dataset, {1}), std::out_of_range);
}

}  // namespace sublayer::test

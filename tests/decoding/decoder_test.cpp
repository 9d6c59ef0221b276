#include "src/decoding/decoder.h"

#include "tests/support/catch.h"

#include "src/core/errors.h"
#include "tests/decoding/random_sentences.h"
#include "tests/decoding/scripted_model.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"
#include "tests/support/small_model.h"

namespace sublayer::decoding {
namespace {

using test::choice_of;
using test::message_of;
using test::random_sentences;

}  // namespace

TEST_CASE("hypotheses come in the order of the sources") {
  // The target is the first id of the source, once.
  test::ScriptedModel model(20, [](int64_t source, const std::vector<int64_t>& target) {
    std::vector<float> logits(20, -20);
    logits[target.empty() ? source : 3] = 0;
    return logits;
  });
  std::vector<std::vector<int64_t>> sources;
  for (int64_t i = 0; i < 30; ++i) sources.emplace_back(1 + i * 7 % 5, 4 + i * 11 % 16);
  const auto found = decode_all(model, sources, *choice_of<search::Search>("greedy").build(), {.max_tokens = 12});
  for (size_t i = 0; i < sources.size(); ++i) CHECK(found[i][0].ids == std::vector<int64_t>{sources[i][0]});
}

TEST_CASE("decoding nothing gives nothing") {
  const auto model = test::small_model();
  CHECK(decode_all(*model, {}, *choice_of<search::Search>("greedy").build(), {.workers = 3}).empty());
}

TEST_CASE("a source longer than the model's positions is refused by its number") {
  const auto model = test::small_model("position: {type: learned, max_length: 6}");
  const auto greedy = choice_of<search::Search>("greedy").build();
  CHECK(decode_all(*model, {{4, 5, 6, 7, 8}}, *greedy, {}).size() == 1);
  CHECK(message_of<DataError>([&] {
          decode_all(*model, {{4}, {4, 5, 6, 7, 8, 9}}, *greedy, {});
        }) == "source sentence 2 has 7 tokens with its end symbol, but the model takes at most 6");
}

TEST_CASE("targets stay within the model's positions") {
  const auto never_ends = [](int64_t, const std::vector<int64_t>&) { return std::vector<float>{0, 0, 0, -9, 5, 0}; };
  test::ScriptedModel model(6, never_ends, 6);
  const auto found = decode_all(model, {{4}}, *choice_of<search::Search>("greedy").build(), {});
  CHECK(found[0][0].ids.size() == 5);
  CHECK(model.steps() == 6);
}

TEST_CASE("progress is reported up to the end, whatever the workers") {
  const auto model = test::small_model();
  for (const int workers : {1, 3}) {
    int64_t last = 0;
    BatchSettings settings{.workers = workers, .max_tokens = 20, .progress = [&](int64_t done, int64_t all) {
                             CHECK(done > last);
                             CHECK(all == 25);
                             last = done;
                           }};
    decode_all(*model, random_sentences(25, 6, 11), *choice_of<search::Search>("greedy").build(), settings);
    CHECK(last == 25);
  }
}

}  // namespace sublayer::decoding

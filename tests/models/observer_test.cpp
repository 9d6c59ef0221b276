// What a model shows to an observer.
#include <ATen/ATen.h>

#include <map>

#include "models/block/block.h"
#include "src/conformance/small_model.h"
#include "tests/support/catch.h"
#include "tests/support/small_model.h"

namespace sublayer::test {
namespace {

using conformance::packed_ids;
using conformance::SentencePairs;

// Every value by "module what".
class Collector : public Observer {
 public:
  std::map<std::string, at::Tensor> values;
  void see(const std::string& module, std::string_view what, const at::Tensor& value) override {
    CHECK(values.emplace(module + " " + std::string(what), value).second);  // nothing is shown twice under a name
  }
};

struct Sight {
  at::Tensor hidden;
  std::map<std::string, at::Tensor> values;
};

Sight observed_pass(Seq2SeqModel& model, const SentencePairs& pairs) {
  const at::NoGradGuard no_gradients;
  Collector collector;
  auto context = Context::evaluation();
  context.observer = &collector;
  auto hidden = hidden_states(model, pairs, context);
  return {hidden, collector.values};
}

}  // namespace

TEST_CASE("attention shows weights that sum to one, put nothing on padding, and look back only where they must") {
  const SentencePairs pairs;
  const auto model = small_model();
  const auto seen = observed_pass(*model, pairs).values;
  const auto weights = [&](const std::string& module) { return seen.at(module + ".body weights"); };
  const auto encoder = weights("encoder.layers.1.self_attention"), decoder = weights("decoder.layers.0.self_attention"),
             cross = weights("decoder.layers.1.cross_attention");
  CHECK(encoder.sizes() == at::IntArrayRef({packed_ids(pairs.sources).size(0), 2, 5}));
  CHECK(decoder.sizes() == at::IntArrayRef({packed_ids(pairs.targets).size(0), 2, 6}));
  CHECK(cross.sizes() == at::IntArrayRef({packed_ids(pairs.targets).size(0), 2, 5}));
  for (const auto& one : {encoder, decoder, cross}) CHECK(one.sum(-1).allclose(at::ones({one.size(0), 2}), 1e-5, 1e-6));
  CHECK(encoder.slice(0, 5, 7).slice(2, 2).abs().max().item<float>() == 0);  // the second source has two tokens
  CHECK(cross.slice(0, 4, 10).slice(2, 2).abs().max().item<float>() == 0);
  CHECK(decoder[0].slice(1, 1).abs().max().item<float>() == 0);  // the first token sees itself alone
  CHECK(decoder[3].slice(1, 0, 4).min().item<float>() > 0);      // the fourth all four
}

TEST_CASE("a layer that all depths share shows what it makes at each of them, and counts as often in a pass") {
  const SentencePairs pairs;
  const auto model = small_model("{encoder: {num_layers: 3, share_layers: true}, embedding: {tie: all}}");
  const auto seen = observed_pass(*model, pairs).values;
  const auto at_depth = [&](const std::string& depth) { return seen.at("encoder.layers." + depth + " output"); };
  CHECK(!at_depth("0").equal(at_depth("1")));
  CHECK(!at_depth("1").equal(at_depth("2")));
  CHECK(seen.contains("encoder.layers.2.self_attention.body weights"));
  for (const std::string side : {"source", "target"}) {
    const auto& sentences = side == "source" ? pairs.sources : pairs.targets;
    for (const std::string what : {"_embedding", "_input"})
      CHECK(seen.at(side + what + " output").size(0) == packed_ids(sentences).size(0));
  }
  const auto uses = [&](const std::string& parameter) {
    int64_t product = 1;
    for (const auto* module : modules_above(*model, parameter)) product *= module->uses();
    return product;
  };
  CHECK(uses("encoder.layers.0.self_attention.body.query.weight") == 3);
  CHECK(uses("decoder.layers.0.self_attention.body.query.weight") == 1);
}

TEST_CASE("what a batch shows is what its sentences show alone") {
  const SentencePairs pairs;
  const auto model = small_model("layer: {residual: pre}");
  const auto together = observed_pass(*model, pairs).values.at("decoder.layers.1.cross_attention.body weights");
  int64_t row = 0;
  for (size_t i = 0; i < pairs.sources.size(); ++i) {
    const auto alone = observed_pass(*model, pairs.alone(i)).values.at("decoder.layers.1.cross_attention.body weights");
    CHECK(together.narrow(0, row, alone.size(0)).narrow(2, 0, alone.size(2)).allclose(alone, 1e-4, 1e-6));
    row += alone.size(0);
  }
}

}  // namespace sublayer::test

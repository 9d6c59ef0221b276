#include <ATen/ATen.h>

#include "models/packed_weights.h"
#include "src/conformance/behaviour.h"
#include "src/conformance/choice.h"
#include "src/conformance/small_model.h"
#include "src/decoding/length_normalization/length_normalization.h"
#include "src/decoding/search/search.h"
#include "src/evaluation/metric/metric.h"

namespace sublayer::conformance {
namespace {

// What is found for a few sources with models that give several targets a fair probability.
Behaviour observe_search(const config::Node& options) {
  const auto search = choice_of<search::Search>(options).build();
  Behaviour behaviour;
  const std::vector<Ids> sources = {{4, 5, 6, 7, 3}, {8, 3}, {9, 10, 4, 3}, {5, 5, 9, 3}, {6, 8, 10, 4, 7, 9, 3}};
  Ids limits;
  for (const Ids& source : sources) limits.push_back(search->max_length(std::ssize(source) - 1));
  for (const std::string residual : {"post", "pre"}) {
    const auto model =
        builder_of({Seq2SeqModel::kind, "transformer", "", yaml("{type: transformer}")})("{layer: {residual: " + residual + "}}");
    const at::NoGradGuard no_gradients;
    const PackedWeights weights(*model, search->precision());
    for (const auto& hypotheses :
         search->run(*model, packed_ids(sources), layout_of(sources), limits, nullptr, Context::evaluation(&weights))) {
      for (const auto& hypothesis : hypotheses) {
        std::string ids;
        for (const int64_t id : hypothesis.ids) ids += std::to_string(id) + " ";
        behaviour.say(ids);
        behaviour.numbers.insert(behaviour.numbers.end(), {hypothesis.log_probability, hypothesis.score});
      }
    }
  }
  for (const int64_t limit : limits) behaviour.say(limit);
  return behaviour;
}

Behaviour observe_length_normalization(const config::Node& options) {
  const auto normalization = choice_of<length_normalization::LengthNormalization>(options).build();
  Behaviour behaviour;
  for (const double log_probability : {-0.5, -3.0, -20.0}) {
    for (const int64_t length : {1, 2, 7, 40}) behaviour.numbers.push_back(normalization->score(log_probability, length));
  }
  return behaviour;
}

// Scores of hypotheses that miss their references by a word, by case, by punctuation, by white space.
Behaviour observe_metric(const config::Node& options) {
  const auto metric = choice_of<metric::Metric>(options).build();
  metric::Evidence evidence;
  evidence.negative_log_likelihood = 61.5;
  evidence.tokens = 40;
  evidence.correct_tokens = 23;
  evidence.hypotheses = {"the small dog sees a large red ball near the old house .", "My Neighbour sells two horses , one cow",
                         "nothing here isequal to any thing"};
  evidence.references = {"the small dog sees the large red ball by the old house .", "my neighbour sells two horses, one cow!",
                         "nothing here is equal to anything"};
  Behaviour behaviour;
  behaviour.numbers.push_back(metric->score(evidence));
  return behaviour;
}

}  // namespace

Observers decoding_observers() {
  return {{search::Search::kind, observe_search},
          {length_normalization::LengthNormalization::kind, observe_length_normalization},
          {metric::Metric::kind, observe_metric}};
}

}  // namespace sublayer::conformance

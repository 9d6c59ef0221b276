// What a model shows to an observer: probes and `inspect` live on it.
#include <ATen/ATen.h>

#include <map>
#include <set>

#include "src/conformance/property.h"

namespace sublayer::conformance {
namespace {

// Every value by "module what".
class Collector : public Observer {
 public:
  std::map<std::string, at::Tensor> values;
  bool shows_twice = false;
  void see(const std::string& module, std::string_view what, const at::Tensor& value) override {
    shows_twice |= !values.emplace(module + " " + std::string(what), value).second;
  }
};

at::Tensor observed_states(Seq2SeqModel& model, Observer& observer) {
  auto context = Context::plain();
  context.observer = &observer;
  return hidden_states(model, {}, context);
}

void check_observed_pass(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const auto model = build("{}");
  Collector collector;
  findings.require(observed_states(*model, collector).allclose(hidden_states(*model, {}), 1e-4, 1e-5),
                   "an observed pass gives other hidden states");
}

void check_shown_values(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const auto model = build("{}");
  Collector collector;
  observed_states(*model, collector);
  findings.require(!collector.shows_twice, "two values are shown under one name");
  const SentencePairs pairs;
  const int64_t sources = packed_ids(pairs.sources).size(0), targets = packed_ids(pairs.targets).size(0);
  for (const auto& child : model->named_modules("", /*include_self=*/false)) {
    const auto* module = child.value().get();
    if (!dynamic_cast<const block::Block*>(module) && !dynamic_cast<const attention::Attention*>(module) &&
        !dynamic_cast<const feed_forward::FeedForward*>(module))
      continue;
    const auto found = collector.values.find(child.key() + " output");
    findings.require(found != collector.values.end(), child.key() + " shows no output");
    if (found == collector.values.end()) continue;
    findings.require(found->second.dim() == 2 && found->second.size(0) == (child.key().starts_with("encoder") ? sources : targets),
                     child.key() + " shows an output that has not a row for each token");
  }
}

void check_names(const ModelBuilder& build, Findings& findings) {
  const auto model = build("{}");
  std::set<std::string> ours, theirs;
  for (const auto& parameter : all_parameters(*model)) {
    findings.require(ours.insert(parameter.name).second, "two parameters are named " + parameter.name);
  }
  for (const auto& parameter : model->named_parameters()) theirs.insert(parameter.key());
  for (const auto& name : theirs) findings.require(ours.contains(name), name + " was registered, but not with add_parameter");
  findings.require(ours == theirs, "all_parameters names others than LibTorch's named_parameters");
}

}  // namespace

std::vector<ModelProperty> observer_properties() {
  return {{"has parameters whose names are their paths in the tree of modules", check_names},
          {"computes under an observer what it computes without", check_observed_pass},
          {"shows the outputs of layers, attentions and feed-forward networks, a row a token", check_shown_values}};
}

}  // namespace sublayer::conformance

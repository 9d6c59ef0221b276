#include "src/experiment/arm_check.h"

#include <map>

namespace sublayer::experiment {
namespace {

// "model.layer.residual: pre (post)". What stands in the layers of both stacks is said once.
std::vector<std::string> config_lines(const RunConfig& arm, const RunConfig& baseline) {
  std::vector<std::string> lines;
  for (const auto& [key, here, there] : differences(arm, baseline, /*identity_only=*/false)) {
    std::string name = key;
    for (const std::string stack : {"model.encoder.layers.", "model.decoder.layers."}) {
      if (!name.starts_with(stack)) continue;
      const auto range_end = name.find('.', stack.size());
      const auto range = name.substr(stack.size(), range_end - stack.size());
      if (range.starts_with("0")) name = "model.layer" + name.substr(range_end);
    }
    const std::string line = name + ": " + here + " (" + there + ")";
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  return lines;
}

}  // namespace

const ArmData::Loaded& ArmData::of(const RunConfig& config) {
  const std::string key = config.task.name() + to_yaml(config.task.options()) + config.tokenizer.name() +
                          to_yaml(config.tokenizer.options()) + std::to_string(config.training.limits.max_source_length) + " " +
                          std::to_string(config.training.limits.max_target_length) + config.training.prepared.string();
  for (const auto& [known, loaded] : loaded_) {
    if (known == key) return *loaded;
  }
  auto loaded = std::make_shared<Loaded>();
  loaded->corpora = load_corpora(config);
  loaded->tokenizers = store_.get(config, loaded->corpora);
  loaded->sets = tokenize(loaded->corpora, loaded->tokenizers, config);
  loaded_.emplace_back(key, loaded);
  return *loaded;
}

std::vector<ArmCheck> check_arms(const Experiment& experiment, ArmData& data) {
  constexpr int64_t seed = 1;
  std::map<const Arm*, ArmFacts> baselines;
  const auto facts = [&](const RunConfig& config) {
    const auto& loaded = data.of(config);
    return facts_of(config, loaded.sets, loaded.tokenizers);
  };
  std::vector<ArmCheck> checks;
  for (const auto& arm : experiment.arms) {
    const Arm& baseline = experiment.options.compare.axis.empty() ? experiment.arms.front() : experiment.baseline_of(arm);
    const auto loaded = arm_config(experiment, arm, seed);
    const auto baseline_config = arm_config(experiment, baseline, seed).config;
    if (!baselines.count(&baseline)) baselines[&baseline] = facts(baseline_config);
    const auto& reference = baselines[&baseline];
    const auto own = &arm == &baseline ? reference : facts(loaded.config);
    auto notes = loaded.log.dropped;
    notes.insert(notes.end(), own.remarks.begin(), own.remarks.end());
    checks.push_back({&arm, own.parameters, own.flops, config_lines(loaded.config, baseline_config), confounds(own, reference), notes});
  }
  return checks;
}

}  // namespace sublayer::experiment

#include "src/experiment/arm_facts.h"

#include <ATen/ATen.h>

#include <cstdio>
#include <cstring>

#include "data/epoch.h"
#include "src/core/hash.h"
#include "src/decoding/teacher_forcing.h"
#include "src/experiment/model_facts.h"
#include "src/experiment/run.h"
#include "src/training/probes.h"

namespace sublayer::experiment {
namespace {

std::string order_hash(const std::vector<data::Update>& updates) {
  Hasher hasher;
  for (const auto& update : updates) {
    for (const auto& batch : update.micro_batches)
      hasher.update({reinterpret_cast<const char*>(batch.data()), batch.size() * sizeof(batch[0])});
    hasher.update("\n");
  }
  return hasher.digest();
}

std::map<std::string, double> dropout_sites(Seq2SeqModel& model, const data::Dataset& train) {
  const at::NoGradGuard no_gradient;
  std::map<std::string, double> sites;
  Context context;
  context.is_training = true;
  context.dropout_sites = &sites;
  decoding::teacher_forced(model, data::make_batch(train, {0}), context);
  return sites;
}

std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

// "parameters: 1010 (baseline: 1000, +1 %)".
void add_quantity(std::vector<std::string>& lines, const char* name, double arm, double baseline) {
  if (arm == baseline) return;
  char text[160];
  std::snprintf(text, sizeof text, "%s: %.10g (baseline: %.10g, %+.2g %%)", name, arm, baseline, 100 * (arm - baseline) / baseline);
  lines.push_back(text);
}

// "only here: a, b, c and 4 more".
void add_names(std::vector<std::string>& lines, const std::string& what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::string text = what + ": ";
  constexpr size_t shown = 4;
  for (size_t i = 0; i < names.size() && i < shown; ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  lines.push_back(text);
}

std::string shape_text(const at::Tensor& tensor) {
  std::string text = "[";
  for (const int64_t size : tensor.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace

ArmFacts facts_of(const RunConfig& config, const Datasets& sets, const tokenizer::Tokenizers& tokenizers) {
  const auto model = config.model.build(sizes_of(tokenizers));
  model->initialize(Noise(config.seed.init)("init"));
  ArmFacts facts;
  facts.parameters = parameter_count(*model);
  facts.flops = forward_flops(*model);
  for (const auto& parameter : all_parameters(*model)) facts.initial[parameter.name] = parameter.tensor.detach();
  facts.remarks = remarks(*model);
  facts.dropout_sites = dropout_sites(*model, sets.train);
  training::Probes(*model, config.probes);  // refuses modules that this arm does not have, before anything is trained
  const data::Epoch epoch(sets.train, config.training.batching, Noise(config.seed.data)("order")(uint64_t{0}));
  const auto updates = epoch.plan(0);
  facts.data_order = order_hash(updates);
  facts.updates_per_epoch = std::ssize(updates) * epoch.windows();
  for (const auto& update : updates)
    facts.tokens_per_update += static_cast<double>(update.target_tokens) / static_cast<double>(updates.size());
  return facts;
}

std::vector<std::string> confounds(const ArmFacts& arm, const ArmFacts& baseline) {
  std::vector<std::string> lines;
  add_quantity(lines, "parameters", static_cast<double>(arm.parameters), static_cast<double>(baseline.parameters));
  add_quantity(lines, "forward FLOPs per token pair", arm.flops, baseline.flops);

  std::vector<std::string> only_arm, only_baseline, shapes, values;
  for (const auto& [name, tensor] : arm.initial) {
    const auto other = baseline.initial.find(name);
    if (other == baseline.initial.end()) {
      only_arm.push_back(name);
    } else if (tensor.sizes() != other->second.sizes()) {
      shapes.push_back(name + " " + shape_text(tensor) + " (baseline: " + shape_text(other->second) + ")");
    } else if (!at::equal(tensor, other->second)) {
      values.push_back(name);
    }
  }
  for (const auto& [name, tensor] : baseline.initial)
    if (!arm.initial.count(name)) only_baseline.push_back(name);
  add_names(lines, "parameters that the baseline lacks", only_arm);
  add_names(lines, "parameters that only the baseline has", only_baseline);
  add_names(lines, "other shapes", shapes);
  add_names(lines, "other initial values", values);

  std::vector<std::string> sites;
  for (const auto& [site, rate] : arm.dropout_sites) {
    const auto other = baseline.dropout_sites.find(site);
    if (other == baseline.dropout_sites.end()) {
      sites.push_back(site + " " + text_of(rate) + " (baseline: none)");
    } else if (other->second != rate) {
      sites.push_back(site + " " + text_of(rate) + " (baseline: " + text_of(other->second) + ")");
    }
  }
  for (const auto& [site, rate] : baseline.dropout_sites)
    if (!arm.dropout_sites.count(site)) sites.push_back(site + " none (baseline: " + text_of(rate) + ")");
  add_names(lines, "other dropout", sites);

  add_quantity(lines, "updates per epoch", static_cast<double>(arm.updates_per_epoch), static_cast<double>(baseline.updates_per_epoch));
  add_quantity(lines, "target tokens per update", arm.tokens_per_update, baseline.tokens_per_update);
  if (arm.data_order != baseline.data_order) lines.push_back("other order of the training data");
  return lines;
}

}  // namespace sublayer::experiment

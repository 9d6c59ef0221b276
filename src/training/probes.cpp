#include "src/training/probes.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/tokenizer/tokenizer.h"
#include "src/core/errors.h"
#include "src/core/path_pattern.h"
#include "src/core/suggest.h"
#include "src/decoding/teacher_forcing.h"

namespace sublayer::training {
namespace {

using probe::ActivationProbe;
using probe::ParameterProbe;

class Watcher : public Observer {
 public:
  using Sight = std::function<void(const std::string& module, std::string_view what, const at::Tensor& value)>;
  explicit Watcher(Sight sight) : sight_(std::move(sight)) {}
  void see(const std::string& module, std::string_view what, const at::Tensor& value) override { sight_(module, what, value); }

 private:
  Sight sight_;
};

void watch(Seq2SeqModel& model, const data::Batch& batch, const Watcher::Sight& sight) {
  const at::NoGradGuard no_gradients;
  Watcher watcher(sight);
  auto context = Context::plain();
  context.observer = &watcher;
  decoding::teacher_forced(model, batch, context);
}

// Everything that a parameter probe can name: each parameter and all modules above it.
std::set<std::string> owners_of(const std::vector<ParameterSpec>& parameters) {
  std::set<std::string> owners;
  for (const auto& parameter : parameters) {
    owners.insert(parameter.name);
    for (auto dot = parameter.name.find('.'); dot != std::string::npos; dot = parameter.name.find('.', dot + 1))
      owners.insert(parameter.name.substr(0, dot));
  }
  return owners;
}

// Their paths with a star for the number of a layer.
std::vector<std::string> patterns_of(const std::set<std::string>& modules) {
  std::set<std::string> patterns;
  for (const auto& module : modules) patterns.insert(layer_pattern(module).text);
  return {patterns.begin(), patterns.end()};
}

bool is_below(const std::string& parameter, const std::string& module) {
  return parameter.starts_with(module) && (parameter.size() == module.size() || parameter[module.size()] == '.');
}

}  // namespace

Probes::Probes(Seq2SeqModel& model, const List& choices) : model_(model), parameters_(all_parameters(model)), kept_(parameters_.size()) {
  if (choices.empty()) return;
  const auto owners = owners_of(parameters_);
  std::map<std::string, std::set<std::string>, std::less<>> shown;  // what -> modules
  data::Batch shortest;                                             // a pass over two symbols tells who shows what
  for (auto* side : {&shortest.source, &shortest.target_input, &shortest.target_output}) side->add({tokenizer::end_id});
  watch(model, shortest,
        [&](const std::string& module, std::string_view what, const at::Tensor&) { shown[std::string(what)].insert(module); });
  for (size_t i = 0; i < choices.size(); ++i) {
    Attached attached{choices[i].name(), choices[i].build(), {}};
    const auto* reader = dynamic_cast<const ActivationProbe*>(attached.probe.get());
    const auto& known = reader ? shown[std::string(reader->reads())] : owners;
    std::copy_if(known.begin(), known.end(), std::back_inserter(attached.modules),
                 [&](const std::string& module) { return fits_pattern(module, attached.probe->modules()); });
    if (attached.modules.empty()) {
      throw ConfigError("probes." + std::to_string(i) + ".modules: '" + attached.probe->modules() + "' fits nothing that " + attached.name +
                        " can read." + suggest(attached.probe->modules(), patterns_of(known)));
    }
    list_.push_back(std::move(attached));
  }
}

bool Probes::is_due(int64_t update) const {
  return std::any_of(list_.begin(), list_.end(), [&](const Attached& attached) { return attached.probe->is_due(update); });
}

bool Probes::reads_parameter(const Attached& attached, const std::string& parameter) const {
  return dynamic_cast<const ParameterProbe*>(attached.probe.get()) &&
         std::any_of(attached.modules.begin(), attached.modules.end(), [&](const auto& module) { return is_below(parameter, module); });
}

void Probes::before_step(int64_t update, const std::vector<at::Tensor>& gradients, double scale) {
  const at::NoGradGuard no_gradients;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const bool is_read = std::any_of(list_.begin(), list_.end(), [&](const Attached& attached) {
      return attached.probe->is_due(update) && reads_parameter(attached, parameters_[i].name);
    });
    if (is_read) kept_[i] = {gradients[i] * scale, parameters_[i].tensor.detach().clone()};
  }
}

nlohmann::json Probes::after_step(int64_t update, const data::Dataset& train, const std::vector<int64_t>& examples) {
  const at::NoGradGuard no_gradients;
  nlohmann::json values = nlohmann::json::object();
  // A ratio to a norm of 0 is no number: the first update of parameters that begin at 0 has no update_ratio.
  const auto keep = [&](const std::string& name, double value) {
    if (std::isfinite(value)) values[name] = value;
  };
  std::vector<const Attached*> due_activations;
  for (const auto& attached : list_) {
    if (!attached.probe->is_due(update)) continue;
    const auto* reader = dynamic_cast<const ParameterProbe*>(attached.probe.get());
    if (!reader) due_activations.push_back(&attached);
    for (const auto& module : reader ? attached.modules : std::vector<std::string>()) {
      std::vector<probe::ParameterChange> changes;
      for (size_t i = 0; i < parameters_.size(); ++i) {
        if (is_below(parameters_[i].name, module)) changes.push_back({kept_[i].gradient, kept_[i].before, parameters_[i].tensor.detach()});
      }
      keep(attached.name + "/" + module, reader->of(changes));
    }
  }
  kept_.assign(parameters_.size(), {});
  if (due_activations.empty()) return values;
  watch(model_, data::make_batch(train, examples), [&](const std::string& module, std::string_view what, const at::Tensor& value) {
    for (const auto* attached : due_activations) {
      const auto& reader = dynamic_cast<const ActivationProbe&>(*attached->probe);
      if (reader.reads() == what && std::binary_search(attached->modules.begin(), attached->modules.end(), module))
        keep(attached->name + "/" + module, reader.of(value));
    }
  });
  return values;
}

}  // namespace sublayer::training

#include "src/conformance/subject.h"

#include "models/block/block.h"
#include "src/conformance/sample_text.h"
#include "src/conformance/small_model.h"
#include "src/core/config/fields.h"
#include "src/core/errors.h"
#include "src/training/optimizer/optimizer.h"

namespace sublayer::conformance {
namespace {

using config::Node;

std::string joined(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

Node at_path(const std::string& path, Node value) { return path.empty() ? value : config::nested(path, std::move(value)); }

std::string without_braces(const std::string& flow) { return flow.substr(1, flow.size() - 2); }

// Goes through the fields of a struct that stand below the dotted `path`; `usual` is the variant as it is by default.
void survey_fields(const config::Options& options, const std::string& path, const Node& usual, OptionSurvey& out) {
  for (const auto& field : config::fields_of(options).list) {
    const std::string key = joined(path, field.name);
    for (const auto& alternative : field.alternatives) {
      const Node context = config::merge(usual, at_path(path, yaml(alternative.together_with)));
      const Node value = at_path(path, yaml("{" + field.name + ": " + alternative.value + "}"));
      const std::string note = alternative.together_with == "{}" ? "" : ", " + without_braces(alternative.together_with);
      out.comparisons.push_back({key + ": " + alternative.value + note, context, config::merge(context, value)});
    }
    const config::Options* inner = field.value->nested();
    if (inner) survey_fields(*inner, field.shared.empty() ? key : joined(path, field.shared), usual, out);
    if (field.mark == config::Mark::run_time) {
      out.run_time.push_back(key);
    } else if (field.alternatives.empty() && (!inner || !field.shared.empty())) {
      out.without_alternative.push_back(key);
    }
  }
}

void lay_small_values(const config::Options& options, const std::string& path, Node& node) {
  const auto fields = config::fields_of(options);
  for (const auto& small : fields.small_values) node = config::merge(node, at_path(path, yaml(small)));
  for (const auto& field : fields.list) {
    if (const auto* inner = field.value->nested()) lay_small_values(*inner, joined(path, field.name), node);
  }
}

void add_alternatives(const AnyRegistry& registry, std::vector<Subject>& subjects) {
  for (const auto* entry : registry.all()) {
    try {
      for (const auto& comparison : survey_options(*entry).comparisons)
        subjects.push_back({registry.kind(), entry->name, comparison.setting, comparison.other});
    } catch (const ConfigError&) {  // the property of options says what is wrong with them
    }
  }
}

void add_crossings(const AnyRegistry& registry, std::vector<Subject>& subjects) {
  const bool is_norm = registry.kind() == norm::Norm::kind, is_residual = registry.kind() == residual::Residual::kind;
  const std::string usual = block::EncoderLayerOptions().residual.name();
  for (const auto* entry : registry.all()) {
    const auto add = [&](const std::string& setting, const std::string& layer) {
      subjects.push_back({registry.kind(), entry->name, setting, small_options(*entry), yaml("{layer: " + layer + "}")});
    };
    if (is_norm) {
      for (const auto& residual : Registry<residual::Residual>::instance().names()) {
        if (residual != usual) add("under residual " + residual, "{residual: " + residual + "}");
      }
    }
    if (is_residual) {
      for (const std::string gain : {"scalar", "vector"}) add("branches with a gain: " + gain, "{branch: {gain: " + gain + "}}");
    }
  }
}

}  // namespace

Node yaml(const std::string& text) { return config::parse_text(text, (sample_folder() / "alternative").string()); }

Node small_options(const AnyEntry& entry) {
  Node node = Node::map();
  node.entries.emplace_back("type", Node::of(entry.name));
  lay_small_values(*entry.make_options(), "", node);
  return node;
}

OptionSurvey survey_options(const AnyEntry& entry) {
  const Node usual = small_options(entry);
  const auto options = entry.make_options();
  config::ReadLog log;
  Node fields = usual;
  fields.erase("type");
  config::read(*options, fields, {"", &log});  // makes what follows from the defaults, such as the layers of a stack
  OptionSurvey survey;
  survey_fields(*options, "", usual, survey);
  return survey;
}

std::vector<Subject> all_subjects() {
  std::vector<Subject> subjects;
  for (const auto* registry : all_registries()) {
    for (const auto* entry : registry->all()) subjects.push_back({registry->kind(), entry->name, "", small_options(*entry)});
    if (stands_in_model(registry->kind()) || registry->kind() == optimizer::Optimizer::kind) add_alternatives(*registry, subjects);
    add_crossings(*registry, subjects);
  }
  return subjects;
}

}  // namespace sublayer::conformance

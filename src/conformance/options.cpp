#include "src/conformance/options.h"

#include <algorithm>
#include <cmath>

#include "src/conformance/property.h"
#include "src/core/config/fields.h"
#include "src/core/errors.h"

namespace sublayer::conformance {
namespace {

const AnyEntry& entry_of(const Subject& subject) {
  for (const auto* registry : all_registries()) {
    if (registry->kind() == subject.kind) return *registry->look_up(subject.name);
  }
  throw std::logic_error("no kind " + subject.kind);
}

void check_reading(const Subject& subject, Findings& findings) {
  const auto read_again = [&](const config::Node& node) {
    const auto options = entry_of(subject).make_options();
    config::Node fields = node;
    fields.erase("type");
    config::ReadLog log;
    config::read(*options, fields, {"", &log});
    return config::write(*options);
  };
  const auto once = read_again(subject.options);
  const auto twice = read_again(config::parse_text(config::to_yaml(once), "written"));
  findings.require(config::to_yaml(once) == config::to_yaml(twice), "written and read again they are: " + config::to_yaml(twice));
}

bool is_finite(const Behaviour& behaviour) {
  return std::all_of(behaviour.numbers.begin(), behaviour.numbers.end(), [](double number) { return std::isfinite(number); });
}

}  // namespace

void check_options_act(const AnyEntry& entry, const Observe& observe, Findings& findings) {
  const auto survey = survey_options(entry);
  for (const auto& key : survey.without_alternative) {
    findings.require(false, key + ": states no other value; add .otherwise(\"...\") beside the field");
  }
  const auto default_behaviour = observe(small_options(entry));
  findings.require(are_alike(default_behaviour, observe(small_options(entry))),
                   "does something else each time, so nothing can be compared");
  for (const auto& [setting, usual, other] : survey.comparisons) {
    try {
      const auto before = observe(usual), after = observe(other);
      findings.require(is_finite(before) && is_finite(after), setting + ": makes a number that is not finite");
      findings.require(!are_alike(before, after), setting + ": changes nothing");
    } catch (const UserError& refusal) {
      findings.require(false, setting + ": is refused: " + refusal.what());
    }
  }
  std::string run_time;
  for (const auto& key : survey.run_time) run_time += (run_time.empty() ? "" : ", ") + key;
  if (!run_time.empty()) findings.except("not looked at: " + run_time, "run-time, so another value makes no other run");
}

std::vector<Property> option_properties() {
  const auto act = [](const Subject& subject, Findings& findings) {
    const auto observe = observer_of(subject.kind);
    findings.require(!!observe, "nothing in src/conformance knows what a " + subject.kind + " does");
    if (observe) check_options_act(entry_of(subject), observe, findings);
  };
  return {{"has options that can be written and read again", {}, true, check_reading}, {"has options that all act", {}, false, act}};
}

}  // namespace sublayer::conformance

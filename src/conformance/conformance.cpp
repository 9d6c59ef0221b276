#include "src/conformance/conformance.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "src/core/clock.h"
#include "src/core/errors.h"
#include "src/core/suggest.h"

namespace sublayer::conformance {
namespace {

bool fits(const Subject& subject, const std::vector<Filter>& filters) {
  return filters.empty() || std::any_of(filters.begin(), filters.end(), [&](const Filter& filter) {
           return filter.kind == subject.kind && (filter.name.empty() || filter.name == subject.name);
         });
}

// LibTorch adds its own call stack below the first line; TorchScript begins with it, and names the cause further down.
std::string cause_in(const std::string& text) {
  const auto named = text.find("RuntimeError: ");
  const std::string rest = text.substr(named == std::string::npos ? 0 : named);
  return rest.substr(0, rest.find('\n'));
}

Findings look_at(const Subject& subject, const Property& property) {
  Findings findings;
  try {
    property.check(subject, findings);
  } catch (const std::exception& error) {
    findings.require(false, "stopped: " + cause_in(error.what()));
  }
  return findings;
}

// Reasons, each with what it is given for, and for that the variants.
using Reasons = std::map<std::string, std::map<std::string, std::set<std::string>>>;

Reasons reasons_of(const std::vector<Outcome>& outcomes) {
  Reasons reasons;
  for (const auto& outcome : outcomes) {
    for (const auto& exception : outcome.findings.exceptions()) reasons[exception.reason][exception.what].insert(outcome.subject);
  }
  return reasons;
}

}  // namespace

Filter parse_filter(const std::string& text) {
  const Filter filter{text.substr(0, text.find('/')), text.find('/') == std::string::npos ? "" : text.substr(text.find('/') + 1)};
  std::vector<std::string> kinds;
  for (const auto* registry : all_registries()) {
    kinds.push_back(registry->kind());
    if (registry->kind() != filter.kind) continue;
    if (!filter.name.empty() && !registry->look_up(filter.name))
      throw UserError("conformance: unknown " + filter.kind + " '" + filter.name + "'." + suggest(filter.name, registry->names()));
    return filter;
  }
  throw UserError("conformance: unknown kind '" + filter.kind + "'." + suggest(filter.kind, kinds));
}

int64_t Report::failures() const {
  return std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) { return !outcome.findings.failures().empty(); });
}

std::string Report::failure_text() const {
  std::string text;
  for (const auto& outcome : outcomes) {
    for (const auto& failure : outcome.findings.failures())
      text += outcome.subject + ": not so that it " + outcome.property + ": " + failure + "\n";
  }
  return text;
}

std::string Report::summary() const {
  std::string text = std::to_string(outcomes.size()) + " (variant, property) pairs, " + std::to_string(failures()) + " failures\n";
  const auto reasons = reasons_of(outcomes);
  if (!reasons.empty()) text += "declared exceptions:\n";
  for (const auto& [reason, whats] : reasons) {
    for (const auto& [what, subjects] : whats) {
      text += "  " + what + ": " + reason + " (" + *subjects.begin();
      text += subjects.size() > 1 ? " and " + std::to_string(subjects.size() - 1) + " more)\n" : ")\n";
    }
  }
  return text;
}

nlohmann::json Report::to_json() const {
  auto pairs = nlohmann::json::array();
  for (const auto& outcome : outcomes) {
    auto exceptions = nlohmann::json::array();
    for (const auto& exception : outcome.findings.exceptions())
      exceptions.push_back({{"what", exception.what}, {"reason", exception.reason}});
    pairs.push_back({{"variant", outcome.subject},
                     {"property", outcome.property},
                     {"failures", outcome.findings.failures()},
                     {"exceptions", std::move(exceptions)}});
  }
  return {{"pairs", std::move(pairs)}, {"failures", failures()}, {"seconds", seconds}};
}

Report run(const std::vector<Filter>& filters, const std::function<void(size_t, size_t, const std::string&)>& on_pair) {
  const double start = steady_seconds();
  const auto subjects = all_subjects();
  const auto properties = all_properties();
  std::vector<std::pair<const Subject*, const Property*>> pairs;
  for (const auto& subject : subjects) {
    for (const auto& property : properties) {
      if (fits(subject, filters) && property.is_about(subject)) pairs.emplace_back(&subject, &property);
    }
  }
  Report report;
  for (const auto& [subject, property] : pairs) {
    on_pair(report.outcomes.size() + 1, pairs.size(), subject->label() + ": " + property->name);
    report.outcomes.push_back({subject->label(), property->name, look_at(*subject, *property)});
  }
  report.seconds = steady_seconds() - start;
  return report;
}

}  // namespace sublayer::conformance

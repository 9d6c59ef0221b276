#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/report.h"

#include <algorithm>
#include <optional>

namespace sublayer::experiment {
namespace reporting {
namespace {

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + quote_csv(cells[i]);
  return line + "\n";
}

std::vector<std::string> axes_of(const Findings& findings) {
  std::vector<std::string> axes;
  for (const ArmFindings& arm : findings.arms) {
    for (const auto& [axis, level] : arm.levels) {
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) axes.push_back(axis);
    }
  }
  return axes;
}

std::string level_of(const ArmFindings& arm, const std::string& axis) {
  const auto place = std::find_if(arm.levels.begin(), arm.levels.end(), [&](const auto& entry) { return entry.first == axis; });
  return place == arm.levels.end() ? "" : place->second;
}

std::string exact_value(const std::optional<double>& value) { return value ? exact(*value) : ""; }

// Two columns of one name would shadow each other in every reader of CSV.
void make_unique(std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i) {
    while (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
           names.begin() + static_cast<std::ptrdiff_t>(i))
      names[i] += "_";
  }
}

}  // namespace
}  // namespace reporting

std::string results_csv(const Findings& findings) {
  using namespace reporting;
  const std::vector<std::string> axes = axes_of(findings);
  std::vector<std::string> head = {"arm", "seed", "status", "reason", findings.metric};
  head.insert(head.end(), findings.also.begin(), findings.also.end());
  head.insert(head.end(), {"parameters", "flops_per_token"});
  // Fixed names keep theirs, so the axes are made unique after them and moved to their place.
  const auto fixed_columns = static_cast<std::ptrdiff_t>(head.size());
  head.insert(head.end(), axes.begin(), axes.end());
  make_unique(head);
  std::rotate(head.begin() + 1, head.begin() + fixed_columns, head.end());

  std::string csv = csv_line(head);
  for (const ArmFindings& arm : findings.arms) {
    for (const RunFindings& run : arm.runs) {
      std::vector<std::string> row = {arm.name};
      for (const std::string& axis : axes) row.push_back(level_of(arm, axis));
      row.insert(row.end(), {std::to_string(run.seed), run.status, run.reason, exact_value(run.value)});
      for (size_t i = 0; i < findings.also.size(); ++i) row.push_back(i < run.also.size() ? exact_value(run.also[i]) : "");
      row.insert(row.end(), {std::to_string(arm.parameters), exact(arm.flops_per_token)});
      csv += csv_line(row);
    }
  }
  return csv;
}

}  // namespace sublayer::experiment

#include "src/experiment/report/decision.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/summary.h"
#include "src/experiment/report/table.h"

#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

using Kind = TextTable::Kind;

std::string shown_spread(const Spread& spread, int decimals) {
  if (spread.count == 0) return absent;
  const std::string mean = fixed(spread.mean, decimals);
  return spread.count == 1 ? mean : mean + " \u00b1 " + fixed(spread.deviation, decimals);
}

std::string shown_interval(const Interval& interval, int decimals) {
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high)) return absent;
  return "[" + signed_fixed(interval.low, decimals) + ", " + signed_fixed(interval.high, decimals) + "]";
}

std::string seeds_with_value(const ArmFindings& arm) {
  return std::to_string(primary_spread(arm).count) + " of " + std::to_string(arm.runs.size());
}

std::string optional_number(const std::optional<double>& value, int decimals) {
  return value ? fixed(*value, decimals) : std::string(absent);
}

}  // namespace

TextTable result_table(const Findings& findings) {
  const int decimals = primary_decimals(findings);
  TextTable table;
  table.columns = {{"Stratum"},
                   {"Arm"},
                   {"Baseline"},
                   {findings.metric, Kind::number},
                   {"Difference", Kind::number},
                   {interval_name(findings), Kind::number},
                   {"p, adjusted", Kind::number},
                   {"Verdict", Kind::verdict},
                   {"Seeds", Kind::number},
                   {"Not done"}};
  for (const std::string& metric : findings.also) table.columns.push_back({metric, Kind::number});
  for (const ArmFindings& arm : findings.arms) {
    const ComparisonFindings* comparison = comparison_of(findings, arm);
    const bool has_numbers = comparison && comparison->has_difference;
    std::vector<std::string> row = {arm.stratum,
                                    arm_label(arm),
                                    comparison ? comparison->baseline : absent,
                                    shown_spread(primary_spread(arm), decimals),
                                    has_numbers ? signed_fixed(comparison->difference, decimals) : absent,
                                    has_numbers ? shown_interval(comparison->interval, decimals) : absent,
                                    has_numbers ? p_value(comparison->p_adjusted) : absent,
                                    comparison        ? comparison->verdict
                                    : arm.is_baseline ? "baseline"
                                                      : absent,
                                    seeds_with_value(arm),
                                    losses(arm)};
    for (size_t i = 0; i < findings.also.size(); ++i) row.push_back(shown_spread(also_spread(arm, i), also_decimals(findings, i)));
    table.rows.push_back(std::move(row));
  }
  table.drop_empty_columns();
  return table;
}

TextTable probability_table(const Findings& findings) {
  TextTable table;
  table.columns = {{"Stratum"},
                   {"Arm"},
                   {"p", Kind::number},
                   {"p, adjusted", Kind::number},
                   {"p of equivalence, adjusted", Kind::number},
                   {"Correlation over seeds", Kind::number},
                   {"Gain of pairing", Kind::number}};
  for (const ComparisonFindings& comparison : findings.comparisons) {
    if (!comparison.has_difference) continue;
    table.rows.push_back({comparison.stratum, comparison.arm, p_value(comparison.p), p_value(comparison.p_adjusted),
                          findings.margin ? p_value(comparison.p_equivalence) : absent, optional_number(comparison.correlation, 2),
                          optional_number(comparison.pairing_gain, 1)});
  }
  table.drop_empty_columns();
  return table;
}

TextTable item_table(const Findings& findings) {
  TextTable table;
  table.columns = {{"Stratum"},
                   {"Arm"},
                   {"Baseline"},
                   {"Metric"},
                   {"Difference", Kind::number},
                   {"95\u00a0% bootstrap", Kind::number},
                   {"p, randomisation", Kind::number}};
  for (const ComparisonFindings& comparison : findings.comparisons) {
    for (const ItemTest& item : comparison.items) {
      const int decimals = decimals_for((item.bootstrap.high - item.bootstrap.low) / 4);
      table.rows.push_back({comparison.stratum, comparison.arm, comparison.baseline, item.metric, signed_fixed(item.difference, decimals),
                            shown_interval(item.bootstrap, decimals), p_value(item.p)});
    }
  }
  table.drop_empty_columns();
  return table;
}

TextTable run_table(const Findings& findings) {
  const int decimals = primary_decimals(findings);
  TextTable table;
  table.columns = {{"Arm"}, {"Seed", Kind::number}, {"Status"}, {findings.metric, Kind::number}};
  for (const std::string& metric : findings.also) table.columns.push_back({metric, Kind::number});
  for (const char* title : {"Training", "Directory", "Reason"}) table.columns.push_back({title});
  table.columns[table.columns.size() - 3].kind = Kind::number;
  for (const ArmFindings& arm : findings.arms) {
    for (const RunFindings& run : arm.runs) {
      std::vector<std::string> row = {arm.name, std::to_string(run.seed), run.status, optional_number(run.value, decimals + 1)};
      for (size_t i = 0; i < findings.also.size(); ++i) {
        row.push_back(i < run.also.size() ? optional_number(run.also[i], also_decimals(findings, i) + 1) : absent);
      }
      row.insert(row.end(), {duration(run.seconds), run.directory, run.reason});
      table.rows.push_back(std::move(row));
    }
  }
  table.drop_empty_columns();
  return table;
}

}  // namespace sublayer::experiment::reporting

#include "src/experiment/report/mean_curve.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace sublayer::experiment::reporting {
namespace {

constexpr size_t most_samples = 400;  // more than a screen shows, and a report of many arms stays small

// `curve` is not empty, and `update` is between its first and its last.
double interpolate(const std::vector<CurvePoint>& curve, int64_t update) {
  const auto after = std::lower_bound(curve.begin(), curve.end(), update, [](const CurvePoint& p, int64_t u) { return p.update < u; });
  if (after->update == update || after == curve.begin()) return after->value;
  const CurvePoint& before = *(after - 1);
  const double fraction = static_cast<double>(update - before.update) / static_cast<double>(after->update - before.update);
  return before.value + fraction * (after->value - before.value);
}

std::vector<int64_t> shared_updates(const std::vector<std::vector<CurvePoint>>& curves) {
  int64_t first = curves[0].front().update, last = curves[0].back().update;
  std::set<int64_t> all;
  for (const auto& curve : curves) {
    first = std::max(first, curve.front().update);
    last = std::min(last, curve.back().update);
    for (const CurvePoint& point : curve) all.insert(point.update);
  }
  std::vector<int64_t> updates;
  for (const int64_t update : all) {
    if (first <= update && update <= last) updates.push_back(update);
  }
  if (updates.size() <= most_samples) return updates;
  std::vector<int64_t> thinned;
  for (size_t i = 0; i < most_samples; ++i) thinned.push_back(updates[i * (updates.size() - 1) / (most_samples - 1)]);
  return thinned;
}

}  // namespace

std::vector<CurvePoint> finite_points(std::vector<CurvePoint> curve) {
  std::erase_if(curve, [](const CurvePoint& point) { return !std::isfinite(point.value); });
  std::stable_sort(curve.begin(), curve.end(), [](const CurvePoint& a, const CurvePoint& b) { return a.update < b.update; });
  return curve;
}

std::vector<CurveSample> mean_curve(const ArmFindings& arm) {
  std::vector<std::vector<CurvePoint>> curves;
  for (const RunFindings& run : arm.runs) {
    if (run.status != "done") continue;
    if (auto curve = finite_points(run.curve); !curve.empty()) curves.push_back(std::move(curve));
  }
  std::vector<CurveSample> result;
  if (curves.empty()) return result;
  for (const int64_t update : shared_updates(curves)) {
    CurveSample sample{static_cast<double>(update), 0, HUGE_VAL, -HUGE_VAL};
    for (const auto& curve : curves) {
      const double value = interpolate(curve, update);
      sample.mean += value / static_cast<double>(curves.size());
      sample.low = std::min(sample.low, value);
      sample.high = std::max(sample.high, value);
    }
    result.push_back(sample);
  }
  return result;
}

}  // namespace sublayer::experiment::reporting

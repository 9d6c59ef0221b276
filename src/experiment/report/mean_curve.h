#pragma once

#include "src/experiment/findings.h"

#include <vector>

namespace sublayer::experiment::reporting {

struct CurveSample {
  double update = 0, mean = 0, low = 0, high = 0;
};

// Over the seeds of an arm that are done: their mean, and the band from the lowest to the highest. Seeds may have validated at different
// updates: between its points a run is interpolated linearly. The curve spans the updates that all of them reached.
std::vector<CurveSample> mean_curve(const ArmFindings& arm);

// The points with a finite value, by update.
std::vector<CurvePoint> finite_points(std::vector<CurvePoint> curve);

}  // namespace sublayer::experiment::reporting

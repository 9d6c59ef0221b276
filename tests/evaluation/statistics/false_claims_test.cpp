#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "src/core/noise.h"
#include "src/evaluation/statistics/decision.h"
#include "src/evaluation/statistics/holm.h"
#include "src/evaluation/statistics/looks.h"
#include "tests/support/catch.h"

// Experiments without any true difference (A/A): how often does a sweep of three arms claim one? Each has 3 seeds first, and 5 and then 8
// as long as nothing was claimed.
namespace sublayer::statistics {
namespace {

using LossTable = std::vector<std::vector<double>>;  // [seeds, 1 + arms], the baseline first

constexpr size_t num_arms = 3, num_seeds = 8;
constexpr double sweep_level = 0.05;
constexpr int num_experiments = 1000;
const double most_false_claims = sweep_level + 3 * std::sqrt(sweep_level * (1 - sweep_level) / num_experiments);

std::vector<double> first_seeds(const LossTable& losses, size_t column, size_t seeds) {
  std::vector<double> values;
  for (size_t seed = 0; seed < seeds; ++seed) values.push_back(losses[seed][column]);
  return values;
}

std::vector<std::optional<double>> runs_of(const std::vector<double>& values) { return {values.begin(), values.end()}; }

bool claims_a_difference(const LossTable& losses) {
  int64_t look = 0;
  for (const size_t seeds : {3, 5, 8}) {
    std::vector<Comparison> family;
    for (size_t arm = 1; arm <= num_arms; ++arm) {
      family.push_back({runs_of(first_seeds(losses, arm, seeds)), runs_of(first_seeds(losses, 0, seeds))});
    }
    for (const Decision& decision : decide(family, {.level = look_level(sweep_level, 0.5, ++look)})) {
      if (decision.verdict == Verdict::better || decision.verdict == Verdict::worse) return true;
    }
  }
  return false;
}

// What one would do without thinking of looks: the full level at each of them. (Its p-values are adjusted over arms.)
bool claims_a_difference_naively(const LossTable& losses) {
  for (const size_t seeds : {3, 5, 8}) {
    std::vector<double> p;
    for (size_t arm = 1; arm <= num_arms; ++arm) p.push_back(paired(first_seeds(losses, arm, seeds), first_seeds(losses, 0, seeds)).p());
    if (std::ranges::min(holm(p)) <= sweep_level) return true;
  }
  return false;
}

using Draw = std::function<LossTable(const Noise&)>;

double share_of_claims(const Draw& draw, bool (*claims)(const LossTable&)) {
  int count = 0;
  for (uint64_t experiment = 0; experiment < num_experiments; ++experiment) count += claims(draw(Noise(3)("false claims")(experiment)));
  return static_cast<double>(count) / num_experiments;
}

// A seed moves all arms alike, three times as far as what is left.
LossTable normal_losses(const Noise& noise) {
  LossTable losses(num_seeds, std::vector<double>(1 + num_arms));
  for (size_t seed = 0; seed < num_seeds; ++seed) {
    double of_seed = 0;
    fill_normal(noise("seed")(seed), 2, 0.3, 1, 1, &of_seed);
    fill_normal(noise("arm")(seed), of_seed, 0.1, 1, 1 + num_arms, losses[seed].data());
  }
  return losses;
}

// Experiments out of measured losses [at least num_seeds, 1 + num_arms]: the mean of each column is taken away, seeds are drawn, and within
// a seed the columns change places, which makes arms and baseline alike but leaves tails, outliers and the effect of the seed as they were.
Draw resampled(LossTable measured) {
  for (size_t column = 0; column <= num_arms; ++column) {
    const double center = mean(first_seeds(measured, column, measured.size()));
    for (auto& row : measured) row[column] -= center;
  }
  return [measured](const Noise& noise) {
    LossTable losses;
    const std::vector<int64_t> seeds = noise("seeds").permutation(std::ssize(measured));
    for (size_t seed = 0; seed < num_seeds; ++seed) {
      std::vector<double> row;
      for (const int64_t column : noise("columns")(seed).permutation(1 + num_arms)) row.push_back(measured[seeds[seed]][column]);
      losses.push_back(row);
    }
    return losses;
  };
}

// Skewed losses with outliers: every tenth run ends far worse.
LossTable skewed_losses() {
  LossTable losses(24, std::vector<double>(1 + num_arms));
  for (size_t seed = 0; seed < losses.size(); ++seed) {
    const Noise noise = Noise(4)("skewed")(seed);
    for (size_t column = 0; column <= num_arms; ++column) {
      losses[seed][column] =
          2 + noise.uniform(9) - 0.1 * std::log(1 - noise.uniform(column)) + (noise.uniform(20 + column) < 0.1 ? 0.5 : 0);
    }
  }
  return losses;
}

// Validation losses of configs/addition.yaml after 300 updates, seeds 1 to 16, with relu, gelu, silu and squared_relu.
const LossTable measured_losses = {
    {0.936369, 0.900862, 0.991194, 0.695234}, {0.997103, 1.072227, 1.143726, 0.710890}, {0.772903, 0.769869, 0.845569, 0.489487},
    {1.136658, 1.118209, 1.184003, 0.889857}, {0.931185, 1.059747, 1.166095, 0.901563}, {0.910900, 0.960931, 1.073868, 0.671096},
    {1.226719, 1.206841, 1.332492, 0.892463}, {0.816112, 0.774393, 0.816413, 0.596058}, {1.238235, 1.188834, 1.282662, 0.905073},
    {0.814890, 0.869192, 0.930604, 0.710871}, {0.834602, 0.883596, 0.930828, 0.496717}, {1.070178, 1.088093, 1.228404, 0.570690},
    {1.170416, 1.170278, 1.223209, 0.877942}, {0.897852, 0.920818, 1.037476, 0.766283}, {0.872799, 0.985845, 1.034649, 0.479642},
    {1.087677, 1.029293, 1.071212, 0.629946},
};

}  // namespace

TEST_CASE("experiments without a difference rarely claim one, however often they are looked at") {
  const double share = share_of_claims(normal_losses, claims_a_difference);
  CAPTURE(share);
  CHECK(share <= most_false_claims);
  CHECK(share > 0.01);  // the bound is of use only if it is not met by never claiming anything
}

TEST_CASE("looking at the full level again and again claims too much") {
  const double share = share_of_claims(normal_losses, claims_a_difference_naively);
  CAPTURE(share);
  CHECK(share > most_false_claims);
}

TEST_CASE("losses with tails and outliers do not raise the number of false claims") {
  const double share = share_of_claims(resampled(skewed_losses()), claims_a_difference);
  CAPTURE(share);
  CHECK(share <= most_false_claims);
}

TEST_CASE("losses of real trainings do not raise the number of false claims") {
  const double share = share_of_claims(resampled(measured_losses), claims_a_difference);
  CAPTURE(share);
  CHECK(share <= most_false_claims);
}

}  // namespace sublayer::statistics

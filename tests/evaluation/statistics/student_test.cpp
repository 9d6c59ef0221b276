#include "src/evaluation/statistics/student.h"

#include <cmath>
#include <stdexcept>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::statistics {
namespace {

using Values = std::vector<double>;

const Values student_arm = {2.31, 2.29, 2.33, 2.35, 2.28}, student_baseline = {2.41, 2.38, 2.4, 2.46, 2.33};

bool near(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b)); }

}  // namespace

TEST_CASE("the paired t-test agrees with SciPy") {
  // scipy.stats.ttest_rel(arm, baseline), .confidence_interval(0.95)
  const MeanDifference result = paired(student_arm, student_baseline);
  CHECK(near(result.difference, -0.084));
  CHECK(near(result.p(), 0.0014581089266072907));
  CHECK(near(result.interval(0.95).low, -0.1139032289389039));
  CHECK(near(result.interval(0.95).high, -0.05409677106109609));
  CHECK(result.degrees_of_freedom == 4);
}

TEST_CASE("Welch's t-test agrees with SciPy") {
  // scipy.stats.ttest_ind(arm, baseline, equal_var=False), .confidence_interval(0.9)
  const MeanDifference result = welch(student_arm, student_baseline);
  CHECK(near(result.p(), 0.01252525878421993));
  CHECK(near(result.degrees_of_freedom, 6.591323756044867));
  CHECK(near(result.interval(0.9).low, -0.1312328355839239));
  CHECK(near(result.interval(0.9).high, -0.03676716441607627));
}

TEST_CASE("equivalence is the larger of two one-sided tests") {
  // d = arm - baseline; max(ttest_1samp(d, -margin, alternative="greater").pvalue, ttest_1samp(d, margin, alternative="less").pvalue)
  const MeanDifference result = paired(student_arm, student_baseline);
  CHECK(near(result.p_equivalence(0.05), 0.9828557215610659));
  CHECK(near(result.p_equivalence(0.1), 0.10578949730003608));
  CHECK(near(result.p_equivalence(0.2), 0.00021069253949434322));
  const MeanDifference turned = paired(student_baseline, student_arm);
  CHECK(near(turned.p_equivalence(0.1), 0.10578949730003608));
}

TEST_CASE("two seeds give Cauchy's p") {
  // With one degree of freedom P(|T| > t) = 1 - 2 atan(t) / pi.
  const MeanDifference result = paired(Values{1, 2}, Values{0, 0});
  CHECK(near(result.p(), 1 - 2 * std::atan(3.0) / std::acos(-1.0)));
}

TEST_CASE("correlation and the gain of pairing are those of their definitions") {
  // scipy.stats.pearsonr(arm, baseline); numpy.var(..., ddof=1)
  CHECK(near(correlation(student_arm, student_baseline).value(), 0.9132876814838632));
  CHECK(near(pairing_gain(student_arm, student_baseline).value(), 5.258620689655222));
  CHECK(near(correlation(Values{1, 2, 3}, Values{3, 2, 1}).value(), -1));
  CHECK(near(pairing_gain(Values{1, 2, 3}, Values{3, 2, 1}).value(), 0.5));  // pairing did harm
  CHECK_FALSE(correlation(Values{1, 1, 1}, Values{1, 2, 3}));
  CHECK_FALSE(pairing_gain(Values{1, 2, 3}, Values{2, 3, 4}));
}

TEST_CASE("differences that vary by rounding only do not vary") {
  const MeanDifference constant = paired(Values{0.1 + 0.2, 0.2 + 0.2, 0.7 + 0.2}, Values{0.1, 0.2, 0.7});
  CHECK(constant.standard_error == 0);
  CHECK(constant.p() == 0);
  CHECK(constant.p_equivalence(0.3) == 0);
  CHECK(constant.p_equivalence(0.1) == 1);
  CHECK(constant.interval(0.95).low == constant.difference);
  const MeanDifference balanced = paired(Values{1.1, 1.8, 2.6}, Values{1, 2, 2.5});
  CHECK(balanced.difference == 0);
  CHECK(balanced.standard_error > 0.01);
}

TEST_CASE("without variance equal means have p 1 and unequal ones p 0") {
  CHECK(paired(Values{1, 2}, Values{1, 2}).p() == 1);
  CHECK(paired(Values{1, 2}, Values{1, 2}).p_equivalence(0.1) == 0);
  CHECK(welch(Values{1, 1}, Values{1, 1}).p() == 1);
  CHECK(welch(Values{2, 2}, Values{1, 1}).p() == 0);
}

TEST_CASE("too few or unequal values are refused") {
  using Error = std::invalid_argument;
  CHECK(test::message_of<Error>([] { paired(Values{1}, Values{2}); }) == "a t-test needs two values on each side and got 1 and 1");
  CHECK(test::message_of<Error>([] { welch(Values{1, 2}, Values{2}); }) == "a t-test needs two values on each side and got 2 and 1");
  CHECK(test::message_of<Error>([] {
          paired(Values{1, 2}, Values{1, 2, 3});
        }) == "pairs need as many values of the arm as of the baseline, not 2 and 3");
}

}  // namespace sublayer::statistics

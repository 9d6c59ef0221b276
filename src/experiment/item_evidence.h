#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/experiment/arm_check.h"
#include "src/experiment/findings.h"
#include "src/experiment/outcome.h"

namespace sublayer::experiment {

// What two trained runs wrote for the test set, item by item.
struct TestOutputs {
  std::vector<std::string> sources, references, arm, baseline;
};

// Nothing where one of the runs has no outputs, or not one for each example.
std::optional<TestOutputs> test_outputs(const std::filesystem::path& arm, const std::filesystem::path& baseline, const Corpora& corpora);

// Paired bootstrap and approximate randomisation over the items; nothing for a metric that is not made of counts.
std::optional<ItemTest> test_items(const TestOutputs& outputs, const metric::Metric& metric, int64_t resamples = 1000);

// The sentences whose scores differ most, up to `each` that the arm does better and as many that it does worse.
std::vector<Example> differing_examples(const TestOutputs& outputs, const metric::Metric& metric, const std::string& arm,
                                        const std::string& baseline, size_t each);

// The metric within four groups of the test set of about one size, by the length of the source in characters.
std::vector<std::pair<std::string, double>> scores_by_length(const std::vector<std::string>& sources,
                                                             const std::vector<std::string>& references,
                                                             const std::vector<std::string>& hypotheses, const metric::Metric& metric);

}  // namespace sublayer::experiment

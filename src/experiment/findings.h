#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/evaluation/statistics/student.h"

namespace sublayer::experiment {

using statistics::Interval;

struct CurvePoint {
  int64_t update = 0;
  double value = 0;
};

// One training of an arm.
struct RunFindings {
  int64_t seed = 0;
  std::string directory;                    // as a user would type it
  std::string status;                       // done, diverged, failed, unfinished
  std::string reason;                       // of a run that is not done
  std::optional<double> value;              // of the primary metric; absent where the run has none
  std::vector<std::optional<double>> also;  // of the further metrics, in their order
  std::vector<CurvePoint> curve;            // the primary metric's validation values over updates (the loss where it is a test metric)
  double seconds = 0;                       // of training
};

struct ArmFindings {
  std::string name;                                         // its levels, joined: "swiglu", or "pre+warmup"
  std::vector<std::pair<std::string, std::string>> levels;  // axis and level
  std::string stratum;                                      // levels of the axes that are not compared: "warmup"; empty without such axes
  std::string level;                                        // that of the compared axis: "pre"
  bool is_baseline = false;                                 // of its stratum
  int64_t parameters = 0;
  double flops_per_token = 0;                   // forward, matrix products with weights
  std::vector<std::string> config_differences;  // from the baseline, one a line: "model.layer.residual: pre (post)"
  std::vector<std::string> confounds;           // what differs beyond the axis, one a line
  std::vector<RunFindings> runs;                // by seed
};

// A test over the items of the test set with the first seed's outputs: it describes one pair of runs and decides nothing.
struct ItemTest {
  std::string metric;     // "test.bleu"
  double difference = 0;  // arm minus baseline
  Interval bootstrap;     // 95 %, paired bootstrap
  double p_bootstrap = 1;
  double p = 1;  // approximate randomisation
};

struct ComparisonFindings {
  std::string stratum, arm, baseline;  // names of levels; arm minus baseline throughout
  bool has_difference = false;         // false: too few values, then the numbers below mean nothing
  double difference = 0;
  Interval interval;                   // at 1 - level_now, not adjusted
  double p = 1, p_adjusted = 1;        // two-sided, Holm over the family
  double p_equivalence = 1;            // TOST, Holm over the family; 1 without a margin
  std::string verdict;                 // better, worse, equivalent, "better within the margin", "worse within the margin", undecided, none
  std::string sentence;                // the verdict in words, with what would decide it
  std::optional<double> correlation;   // over seeds
  std::optional<double> pairing_gain;  // variance of an unpaired difference over that of the paired one: above 1, pairing helped
  std::vector<ItemTest> items;
};

// Two outputs for one test source, picked where the arms differ most.
struct Example {
  std::string source, reference;
  std::vector<std::pair<std::string, std::string>> outputs;  // arm, text
  double difference = 0;                                     // of the sentence's score between the two arms
};

// Score by source length for one arm: mean over seeds.
struct LengthScores {
  std::string arm, metric;
  std::vector<std::pair<std::string, double>> buckets;  // "1-5", score
};

// A probe's value at one depth of an arm's model, over the seeds that are done.
struct ProbePoint {
  int64_t depth = 0;  // number of the layer; 0 where the module is none of a layer
  double mean = 0, low = 0, high = 0;
};

// A probe over the depth of the models at one update: modules whose paths differ in the number of the layer alone.
struct ProbeProfile {
  std::string probe;    // "gradient_norm"
  std::string modules;  // "encoder.layers.*.feed_forward"
  int64_t update = 0;
  std::vector<std::pair<std::string, std::vector<ProbePoint>>> arms;  // name, points by depth
};

// Everything that a report shows; a plain value.
struct Findings {
  std::string name, question;
  std::string metric;  // "valid.loss"
  bool higher_is_better = false;
  std::string at;  // best, last
  std::vector<std::string> also;
  std::vector<std::string> signatures;  // one per metric: "valid.loss: ..."
  std::string axis;                     // the compared one
  std::string test;                     // paired, welch
  double level = 0.05;                  // of the whole experiment
  double level_now = 0.05;              // of this look
  int64_t look = 1;
  std::optional<double> margin;    // of equivalence
  std::vector<std::string> looks;  // one a line: "look 1: 3 seeds, level 0.04, 2 of 4 undecided"
  std::string curve_metric;        // what the curves show
  std::vector<ArmFindings> arms;
  std::vector<ComparisonFindings> comparisons;
  std::vector<Example> examples;
  std::vector<LengthScores> lengths;
  std::vector<ProbeProfile> profiles;  // of each probe and kind of module at its first and at its last update; empty without probes
  std::vector<std::pair<std::string, std::string>> provenance;  // name, value
};

}  // namespace sublayer::experiment

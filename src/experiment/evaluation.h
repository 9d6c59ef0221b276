#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "models/model.h"
#include "src/decoding/batches.h"
#include "src/decoding/search/search.h"
#include "src/evaluation/metric/metric.h"

namespace sublayer::experiment {

struct Score {
  std::string name;
  double value;
  std::string signature;
};

struct Evaluation {
  std::vector<Score> scores;            // in the order of the metrics
  std::vector<std::string> hypotheses;  // empty where no metric reads them
  double seconds = 0;
};

// Scores a model on a split. Likelihoods and searches are done only where a metric asks for them.
Evaluation evaluate(Seq2SeqModel& model, const task::Corpus& corpus, const data::Dataset& dataset, const tokenizer::Tokenizers& tokenizers,
                    const search::Search& search, const std::vector<std::shared_ptr<metric::Metric>>& metrics,
                    const decoding::BatchSettings& settings);

// A metric as a user writes it: "bleu", "{type: bleu, tokenize: zh}". ConfigError begins with `origin`, e.g. "--metric bluh".
std::shared_ptr<metric::Metric> metric_of(const std::string& yaml, const std::string& origin);

std::vector<std::shared_ptr<metric::Metric>> build_all(const std::vector<Choice<metric::Metric>>& choices);

}  // namespace sublayer::experiment

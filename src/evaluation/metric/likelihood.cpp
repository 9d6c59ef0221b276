// Metrics of how probable the references are to the model.
#include <cmath>

#include "src/core/errors.h"
#include "src/core/version.h"
#include "src/evaluation/metric/metric.h"

namespace sublayer::metric {
namespace {

class LikelihoodMetric : public Metric {
 public:
  struct Options : config::Options {};
  bool needs_hypotheses() const override { return false; }
  double score(const Evidence& evidence) const override {
    if (evidence.tokens <= 0) throw DataError(name() + ": there is no target token to score");
    return score_tokens(evidence);
  }
  std::string signature() const override { return "unit:" + unit() + "|end_symbol:counted|version:sublayer-" + version(); }

 protected:
  virtual double score_tokens(const Evidence& evidence) const = 0;
  virtual std::string unit() const = 0;
};

double mean_loss(const Evidence& evidence) { return evidence.negative_log_likelihood / static_cast<double>(evidence.tokens); }

// -log p of a target token, mean over all: plain, whatever the training's loss adds to it.
class Loss final : public LikelihoodMetric {
 public:
  explicit Loss(const Options&) {}
  std::string name() const override { return "loss"; }
  bool higher_is_better() const override { return false; }

 protected:
  double score_tokens(const Evidence& evidence) const override { return mean_loss(evidence); }
  std::string unit() const override { return "nats_per_token"; }
};

// exp(loss): the number of equally likely tokens that would be as hard to guess.
class Perplexity final : public LikelihoodMetric {
 public:
  explicit Perplexity(const Options&) {}
  std::string name() const override { return "perplexity"; }
  bool higher_is_better() const override { return false; }

 protected:
  double score_tokens(const Evidence& evidence) const override { return std::exp(mean_loss(evidence)); }
  std::string unit() const override { return "per_token"; }
};

// Share of target tokens, 0 to 1, that the model finds most probable after the true ones before them.
class TokenAccuracy final : public LikelihoodMetric {
 public:
  explicit TokenAccuracy(const Options&) {}
  std::string name() const override { return "token_accuracy"; }
  bool higher_is_better() const override { return true; }

 protected:
  double score_tokens(const Evidence& evidence) const override {
    return static_cast<double>(evidence.correct_tokens) / static_cast<double>(evidence.tokens);
  }
  std::string unit() const override { return "share_of_tokens"; }
};

SUBLAYER_REGISTER(Metric, Loss, "loss", "negative log-likelihood of a target token in nats, without label smoothing");
SUBLAYER_REGISTER(Metric, Perplexity, "perplexity", "exp(loss)");
SUBLAYER_REGISTER(Metric, TokenAccuracy, "token_accuracy", "share of target tokens that are the most probable ones after a true beginning");

}  // namespace
}  // namespace sublayer::metric

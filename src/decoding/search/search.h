#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "models/model.h"
#include "models/precision.h"
#include "src/core/config/choice.h"
#include "src/decoding/log_probabilities.h"

namespace sublayer::search {

// A target that a search found. Its log-probability and length count the end symbol, its ids leave out begin and end.
struct Hypothesis {
  std::vector<int64_t> ids;
  double log_probability = 0;  // natural logarithm
  double score = 0;            // what hypotheses are ranked by: the log-probability, normalised by length where the variant does so
  bool is_finished = false;    // false: the length limit ended it, the model would have gone on
};

// What every variant has: how long a target may become, and how exactly the model computes.
struct SearchOptions : config::Options {
  std::string precision = "fp32";
  int64_t max_length = 0;
  double max_length_factor = 1;
  int64_t max_length_offset = 50;
  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
};

// Follows a search from step to step.
class Follower {
 public:
  virtual ~Follower() = default;
  // Each of R hypotheses was given a token ([R]; the begin symbol first); log-probabilities of what may come next, at R places.
  virtual void grew(const std::vector<int64_t>& tokens, const decoding::LogProbabilities& next) = 0;
  // Those that go on, best first for each source: row i is the former row rows[i].
  virtual void went_on(const std::vector<int64_t>& rows) = 0;
};

// Looks for probable targets of source sentences, one token at a time. Where the limit is reached, the end symbol is all that may follow,
// so each hypothesis is a whole sequence with the probability that the model gives it. The pad and begin symbols are never produced; of
// equally probable tokens the lower id comes first. The model is only read: searches may run on several threads.
class Search {
 public:
  static constexpr const char* kind = "search";
  static constexpr const char* kind_documentation = "how a trained model writes a target";
  using Arguments = std::tuple<>;

  virtual ~Search() = default;

  // Packed sources [N], each with its end symbol, and for each the longest target (end symbol not counted, 0 or more)
  // -> for each its hypotheses, best first, at least one. The context is that of each pass over the model.
  virtual std::vector<std::vector<Hypothesis>> run(Seq2SeqModel& model, const at::Tensor& source, const Layout& layout,
                                                   const std::vector<int64_t>& max_lengths, Follower* follower = nullptr,
                                                   const Context& context = Context::evaluation()) const = 0;

  // The longest target, end symbol not counted, that the options allow for a source of so many tokens, end symbol not counted.
  int64_t max_length(int64_t source_length) const;

  // That of the packed weights (models/packed_weights.h) that a context should have; without any, products are fp32.
  Precision precision() const;

 protected:
  explicit Search(const SearchOptions& options) : options_(options) {}

 private:
  SearchOptions options_;
};

}  // namespace sublayer::search

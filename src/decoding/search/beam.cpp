#include <algorithm>
#include <tuple>

#include "data/tokenizer/tokenizer.h"
#include "src/decoding/length_normalization/length_normalization.h"
#include "src/decoding/search/growth.h"
#include "src/decoding/search/next_token.h"
#include "src/decoding/search/search.h"

namespace sublayer::search {
namespace {

using decoding::LogProbabilities;
using length_normalization::LengthNormalization;

struct BeamOptions : SearchOptions {
  int64_t beam_size = 5;
  int64_t n_best = 1;
  Choice<LengthNormalization> length_normalization = "power";
  bool early_stopping = true;
  void fields(config::Fields& v) override {
    v("beam_size", beam_size, "hypotheses that are followed at a time; 1 is greedy search").otherwise("2");
    v("n_best", n_best, "hypotheses that are kept for each source").otherwise("2");
    v("length_normalization", length_normalization, "how hypotheses of different lengths are compared").otherwise("none");
    v("early_stopping", early_stopping, "stop when beam_size hypotheses are finished; false goes on until no better one can come")
        .otherwise("false");
    SearchOptions::fields(v);
  }
  void check(config::Checker& c) const override {
    SearchOptions::check(c);
    c.require(beam_size > 0, "beam_size", "must be positive");
    c.require(n_best > 0, "n_best", "must be positive");
    c.require(beam_size <= 0 || n_best <= beam_size, "n_best", "must not exceed beam_size " + std::to_string(beam_size));
  }
};

// A hypothesis that still grows.
struct Running {
  std::vector<int64_t> ids;
  double log_probability;
  int64_t row;  // of its growth
};

// One way to go on.
struct Candidate {
  double log_probability;
  int64_t token;
  size_t parent;  // index into the running hypotheses
};

bool is_better(const Hypothesis& a, const Hypothesis& b) { return a.score != b.score ? a.score > b.score : a.ids < b.ids; }

// The search for one source.
class Beam {
 public:
  Beam(const BeamOptions& options, const LengthNormalization& normalization, int64_t max_length, int64_t row)
      : options_(options), normalization_(normalization), max_length_(max_length), running_{{{}, 0, row}} {}

  bool is_done() const { return running_.empty(); }
  std::vector<Running>& running() { return running_; }

  // Takes the next step, given the log-probabilities of all rows.
  void advance(const LogProbabilities& log_probabilities) {
    if (static_cast<int64_t>(running_.front().ids.size()) == max_length_) {
      end_all(log_probabilities);
      return;
    }
    std::vector<Running> grown;
    const auto candidates = rank(log_probabilities);
    for (int64_t i = 0; i < std::ssize(candidates) && std::ssize(grown) < options_.beam_size; ++i) {
      const auto& [log_probability, token, parent] = candidates[i];
      if (token != tokenizer::end_id) {
        grown.push_back({running_[parent].ids, log_probability, running_[parent].row});
        grown.back().ids.push_back(token);
      } else if (i < options_.beam_size) {
        finish(running_[parent], log_probability, true);
      }
    }
    running_ = std::move(grown);
    if (!is_worth_going_on()) running_.clear();
  }

  std::vector<Hypothesis> take_best() {
    std::sort(finished_.begin(), finished_.end(), is_better);
    if (std::ssize(finished_) > options_.n_best) finished_.resize(options_.n_best);
    return std::move(finished_);
  }

 private:
  // The ways to go on, best first. Of each hypothesis one more than the beam takes: the end symbol may be among them.
  std::vector<Candidate> rank(const LogProbabilities& log_probabilities) const {
    std::vector<Candidate> candidates;
    for (size_t parent = 0; parent < running_.size(); ++parent) {
      for (const NextToken& next : most_probable_tokens(log_probabilities, running_[parent].row, options_.beam_size + 1)) {
        candidates.push_back({running_[parent].log_probability + next.log_probability, next.id, parent});
      }
    }
    const auto key = [](const Candidate& c) { return std::tuple(-c.log_probability, c.token, c.parent); };
    std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) { return key(a) < key(b); });
    return candidates;
  }

  // At the length limit.
  void end_all(const LogProbabilities& log_probabilities) {
    for (const Running& hypothesis : running_) {
      const bool is_chosen = most_probable_tokens(log_probabilities, hypothesis.row, 1).front().id == tokenizer::end_id;
      finish(hypothesis, hypothesis.log_probability + log_probabilities.at(hypothesis.row, tokenizer::end_id), is_chosen);
    }
    running_.clear();
  }

  void finish(const Running& hypothesis, double log_probability, bool is_chosen) {
    const int64_t length = std::ssize(hypothesis.ids) + 1;
    finished_.push_back({hypothesis.ids, log_probability, normalization_.score(log_probability, length), is_chosen});
  }

  // Not if the best running hypothesis, should all its coming tokens be certain and as many as allowed, would not beat the worst of the
  // n_best finished ones: that stop never changes the result. Early stopping may.
  bool is_worth_going_on() {
    if (running_.empty()) return false;
    if (options_.early_stopping && std::ssize(finished_) >= options_.beam_size) return false;
    if (std::ssize(finished_) < options_.n_best) return true;
    const auto worst = finished_.begin() + options_.n_best - 1;
    std::nth_element(finished_.begin(), worst, finished_.end(), is_better);
    return normalization_.score(running_.front().log_probability, max_length_ + 1) > worst->score;
  }

  const BeamOptions& options_;
  const LengthNormalization& normalization_;
  int64_t max_length_;
  std::vector<Running> running_;  // best first
  std::vector<Hypothesis> finished_;
};

// Follows the beam_size most probable beginnings of a target (Graves 2012, Sutskever et al. 2014). An end symbol among the best beam_size
// candidates of a step finishes a hypothesis, and the next best candidate takes its place.
class BeamSearch final : public Search {
 public:
  using Options = BeamOptions;
  explicit BeamSearch(const Options& options) : Search(options), options_(options), normalization_(options.length_normalization.build()) {}

  std::vector<std::vector<Hypothesis>> run(Seq2SeqModel& model, const at::Tensor& source, const Layout& layout,
                                           const std::vector<int64_t>& max_lengths, Follower* follower,
                                           const Context& context) const override {
    Growth growth(model, source, layout, follower, context);
    std::vector<Beam> beams;
    for (const int64_t max_length : max_lengths) beams.emplace_back(options_, *normalization_, max_length, std::ssize(beams));
    std::vector<int64_t> latest(beams.size(), tokenizer::begin_id), rows;
    while (!latest.empty()) {
      const auto log_probabilities = growth.next(latest);
      latest.clear();
      rows.clear();
      for (Beam& beam : beams) {
        if (beam.is_done()) continue;
        beam.advance(log_probabilities);
        for (Running& hypothesis : beam.running()) {
          latest.push_back(hypothesis.ids.back());
          rows.push_back(hypothesis.row);
          hypothesis.row = std::ssize(rows) - 1;
        }
      }
      if (!rows.empty()) growth.select(rows);
    }
    std::vector<std::vector<Hypothesis>> found;
    for (Beam& beam : beams) found.push_back(beam.take_best());
    return found;
  }

 private:
  Options options_;
  std::shared_ptr<LengthNormalization> normalization_;
};

SUBLAYER_REGISTER(Search, BeamSearch, "beam", "the best of several hypotheses followed side by side");

}  // namespace
}  // namespace sublayer::search

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/tokenizer/tokenizer.h"
#include "src/core/noise.h"
#include "src/decoding/search/growth.h"
#include "src/decoding/search/next_token.h"
#include "src/decoding/search/search.h"

namespace sublayer::search {
namespace {

struct SampleOptions : SearchOptions {
  double temperature = 1;
  int64_t top_k = 0;
  double top_p = 1;
  int64_t n_best = 1;
  uint64_t seed = 1;
  void fields(config::Fields& v) override {
    v("temperature", temperature, "log-probabilities are divided by it: below 1 the probable becomes more so").otherwise("0.5");
    v("top_k", top_k, "only so many of the most probable tokens may be drawn (Fan et al. 2018); 0: any").otherwise("2");
    v("top_p", top_p,
      "only the most probable tokens that together have this probability, after temperature and top_k, may be drawn (Holtzman et al. "
      "2020); "
      "1: any")
        .otherwise("0.5");
    v("n_best", n_best, "samples of each source").otherwise("3");
    v("seed", seed, "of the draws, which depend on the source's tokens and nothing else").otherwise("2");
    SearchOptions::fields(v);
  }
  void check(config::Checker& c) const override {
    SearchOptions::check(c);
    c.require(temperature > 0, "temperature", "must be positive");
    c.require(top_k >= 0, "top_k", "must not be negative");
    c.require(top_p > 0 && top_p <= 1, "top_p", "must be above 0 and at most 1");
    c.require(n_best > 0, "n_best", "must be positive");
  }
};

// Draws targets with the model's probabilities, or a sharper or narrower form of them. Scores are the model's own log-probabilities.
class Sample final : public Search {
 public:
  using Options = SampleOptions;
  explicit Sample(const Options& options) : Search(options), options_(options) {}

  std::vector<std::vector<Hypothesis>> run(Seq2SeqModel& model, const at::Tensor& source, const Layout& layout,
                                           const std::vector<int64_t>& max_lengths, Follower* follower,
                                           const Context& context) const override {
    Growth growth(model, source, layout, follower, context);
    std::vector<std::vector<Hypothesis>> found(max_lengths.size(), std::vector<Hypothesis>(options_.n_best));
    std::vector<Running> running;
    const auto streams = streams_of(source, layout);
    for (size_t i = 0; i < max_lengths.size(); ++i) {
      for (int64_t n = 0; n < options_.n_best; ++n)
        running.push_back({&found[i][n], streams[i](static_cast<uint64_t>(n)), max_lengths[i], static_cast<int64_t>(i)});
    }
    std::vector<int64_t> latest(max_lengths.size(), tokenizer::begin_id);
    while (!running.empty()) {
      const auto log_probabilities = growth.next(latest);
      std::vector<Running> going;
      std::vector<int64_t> rows;
      latest.clear();
      for (Running& one : running) {
        const auto length = static_cast<int64_t>(one.hypothesis->ids.size());
        const int64_t drawn = draw(log_probabilities, one.row, one.noise.uniform(static_cast<uint64_t>(length)));
        const int64_t token = length == one.max_length ? tokenizer::end_id : drawn;
        one.hypothesis->log_probability += log_probabilities.at(one.row, token);
        if (token == tokenizer::end_id) {
          one.hypothesis->is_finished = drawn == tokenizer::end_id;
          one.hypothesis->score = one.hypothesis->log_probability;
          continue;
        }
        one.hypothesis->ids.push_back(token);
        latest.push_back(token);
        rows.push_back(one.row);
        one.row = std::ssize(rows) - 1;
        going.push_back(one);
      }
      running = std::move(going);
      if (!running.empty()) growth.select(rows);
    }
    for (auto& hypotheses : found) {
      std::stable_sort(hypotheses.begin(), hypotheses.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    }
    return found;
  }

 private:
  struct Running {
    Hypothesis* hypothesis;
    Noise noise;
    int64_t max_length, row;
  };

  // One for each source, named by its tokens: the batch that a source stands in changes nothing.
  std::vector<Noise> streams_of(const at::Tensor& source, const Layout& layout) const {
    std::vector<Noise> streams;
    const auto ids = source.to(at::kCPU).contiguous(), positions = layout.positions().to(at::kCPU).contiguous();
    for (int64_t i = 0; i < ids.numel(); ++i) {
      if (positions.const_data_ptr<int64_t>()[i] == 0) streams.push_back(Noise(options_.seed)("sample"));
      streams.back() = streams.back()(static_cast<uint64_t>(ids.const_data_ptr<int64_t>()[i]));
    }
    return streams;
  }

  // The token where the running sum of the weights, most probable first, passes u times their sum.
  int64_t draw(const decoding::LogProbabilities& log_probabilities, int64_t row, double u) const {
    const auto tokens = most_probable_tokens(log_probabilities, row, options_.top_k > 0 ? options_.top_k : log_probabilities.vocabulary());
    std::vector<double> weights;
    for (const auto& token : tokens)
      weights.push_back(std::exp(static_cast<double>(token.log_probability - tokens.front().log_probability) / options_.temperature));
    double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (options_.top_p < 1) {
      size_t count = 0;
      const double enough = options_.top_p * sum;
      for (sum = 0; count < weights.size() && sum < enough; ++count) sum += weights[count];
      weights.resize(count);
    }
    double passed = 0;
    for (size_t i = 0; i + 1 < weights.size(); ++i) {
      passed += weights[i];
      if (passed > u * sum) return tokens[i].id;
    }
    return tokens[weights.size() - 1].id;
  }

  Options options_;
};

SUBLAYER_REGISTER(Search, Sample, "sample", "targets drawn with the model's probabilities");

}  // namespace
}  // namespace sublayer::search

#include <numeric>

#include "data/tokenizer/tokenizer.h"
#include "src/decoding/search/growth.h"
#include "src/decoding/search/next_token.h"
#include "src/decoding/search/search.h"

namespace sublayer::search {
namespace {

// The most probable token, again and again. The fastest search, and the one to watch a training with.
class Greedy final : public Search {
 public:
  struct Options : SearchOptions {};
  explicit Greedy(const Options& options) : Search(options) {}

  std::vector<std::vector<Hypothesis>> run(Seq2SeqModel& model, const at::Tensor& source, const Layout& layout,
                                           const std::vector<int64_t>& max_lengths, Follower* follower,
                                           const Context& context) const override {
    Growth growth(model, source, layout, follower, context);
    std::vector<std::vector<Hypothesis>> found(max_lengths.size(), std::vector<Hypothesis>(1));
    std::vector<int64_t> running(max_lengths.size());  // the source of each row
    std::iota(running.begin(), running.end(), 0);
    std::vector<int64_t> latest(running.size(), tokenizer::begin_id);
    for (int64_t length = 0; !running.empty(); ++length) {
      const auto log_probabilities = growth.next(latest);
      std::vector<int64_t> sources, rows;
      latest.clear();
      for (int64_t i = 0; i < std::ssize(running); ++i) {
        auto& hypothesis = found[running[i]][0];
        const NextToken best = most_probable_tokens(log_probabilities, i, 1).front();
        const int64_t token = length == max_lengths[running[i]] ? tokenizer::end_id : best.id;
        hypothesis.log_probability += log_probabilities.at(i, token);
        if (token == tokenizer::end_id) {
          hypothesis.is_finished = best.id == tokenizer::end_id;
          hypothesis.score = hypothesis.log_probability;
          continue;
        }
        hypothesis.ids.push_back(token);
        latest.push_back(token);
        sources.push_back(running[i]);
        rows.push_back(i);
      }
      running = std::move(sources);
      if (!running.empty()) growth.select(rows);
    }
    return found;
  }
};

SUBLAYER_REGISTER(Search, Greedy, "greedy", "the most probable token, again and again");

}  // namespace
}  // namespace sublayer::search

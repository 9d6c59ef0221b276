// Generated tasks on sequences of symbols: what the first model of a new idea is tried on. Under one seed they share their sources.
#include <algorithm>
#include <string>
#include <vector>

#include "data/task/generated.h"

namespace sublayer::task {
namespace {

using Symbols = std::vector<int64_t>;

struct SequenceOptions : GeneratedOptions {
  int64_t symbols = 20, min_length = 1, max_length = 20;

  void fields(config::Fields& v) override {
    v("symbols", symbols, "number of different symbols").otherwise("5");
    v("min_length", min_length, "symbols of the shortest sequence").otherwise("3");
    v("max_length", max_length, "symbols of the longest sequence").otherwise("6");
    GeneratedOptions::fields(v);
  }
  void check(config::Checker& c) const override {
    c.require(symbols > 0, "symbols", "must be positive");
    c.require(min_length > 0, "min_length", "must be positive");
    c.require(max_length >= min_length, "max_length", "must not be below min_length");
    GeneratedOptions::check(c);
    check_enough(c, possible_sources());
  }
  double possible_sources() const {
    double count = 0, of_length = 1;
    for (int64_t length = 1; length <= max_length && count < 1e15; ++length) {
      of_length *= static_cast<double>(symbols);
      if (length >= min_length) count += of_length;
    }
    return count;
  }
};

Symbols draw_symbols(const SequenceOptions& options, const Noise& noise) {
  const auto lengths = static_cast<uint64_t>(options.max_length - options.min_length + 1);
  Symbols sequence(options.min_length + static_cast<int64_t>(noise("length").below(lengths, 0)));
  const Noise stream = noise("symbols");
  for (size_t i = 0; i < sequence.size(); ++i) sequence[i] = static_cast<int64_t>(stream.below(options.symbols, i));
  return sequence;
}

// "s07 s13": as many digits each as the last symbol needs.
std::string text_of(const Symbols& sequence, int64_t symbols) {
  const size_t digits = std::to_string(symbols - 1).size();
  std::string text;
  for (const int64_t symbol : sequence) {
    const std::string number = std::to_string(symbol);
    text += (text.empty() ? "s" : " s") + std::string(digits - number.size(), '0') + number;
  }
  return text;
}

class SequenceTask : public Task {
 public:
  using Options = SequenceOptions;
  explicit SequenceTask(Options options) : options_(std::move(options)) {}

  Corpus load(Split split) const override {
    return generate(options_, split, [this](const Noise& noise) {
      const Symbols sequence = draw_symbols(options_, noise);
      return Example{text_of(sequence, options_.symbols), text_of(target_of(sequence), options_.symbols)};
    });
  }

 protected:
  virtual Symbols target_of(Symbols source) const = 0;

 private:
  Options options_;
};

class Copy final : public SequenceTask {
 public:
  using SequenceTask::SequenceTask;

 private:
  Symbols target_of(Symbols source) const override { return source; }
};

class Reverse final : public SequenceTask {
 public:
  using SequenceTask::SequenceTask;

 private:
  Symbols target_of(Symbols source) const override {
    std::reverse(source.begin(), source.end());
    return source;
  }
};

class Sort final : public SequenceTask {
 public:
  using SequenceTask::SequenceTask;

 private:
  Symbols target_of(Symbols source) const override {
    std::sort(source.begin(), source.end());
    return source;
  }
};

}  // namespace

SUBLAYER_REGISTER(Task, Copy, "copy", "the target is the source; generated");
SUBLAYER_REGISTER(Task, Reverse, "reverse", "the target is the source from its end to its beginning; generated");
SUBLAYER_REGISTER(Task, Sort, "sort", "the target is the source's symbols in ascending order; generated");

}  // namespace sublayer::task

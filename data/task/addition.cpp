#include <algorithm>
#include <cmath>
#include <string>

#include "data/task/generated.h"

namespace sublayer::task {
namespace {

// "3 8 + 5" -> "4 3": a digit is a word, so that any tokenizer sees digits. Lengths are drawn first, else almost all numbers are long.
class Addition final : public Task {
 public:
  struct Options : GeneratedOptions {
    int64_t digits = 4;
    std::string order = "highest_first";
    void fields(config::Fields& v) override {
      v("digits", digits, "digits of the longest number to add").otherwise("3");
      v.word("order", order, {"highest_first", "lowest_first"},
             "of a number's digits; with the lowest first a carry is known when it is needed")
          .otherwise("lowest_first");
      GeneratedOptions::fields(v);
    }
    void check(config::Checker& c) const override {
      c.require(digits > 0 && digits <= 18, "digits", "must be in 1 .. 18");
      GeneratedOptions::check(c);
      check_enough(c, std::pow(10.0, 2.0 * static_cast<double>(digits)));
    }
  };
  explicit Addition(Options options) : options_(std::move(options)) {}

  Corpus load(Split split) const override {
    return generate(options_, split, [this](const Noise& noise) {
      const uint64_t a = number(noise("first")), b = number(noise("second"));
      return Example{written(a) + " + " + written(b), written(a + b)};
    });
  }

 private:
  uint64_t number(const Noise& noise) const {
    uint64_t bound = 1;
    for (uint64_t digits = 1 + noise.below(options_.digits, 0); digits > 0; --digits) bound *= 10;
    return noise.below(bound, 1);
  }
  std::string written(uint64_t number) const {
    std::string digits = std::to_string(number), text;
    if (options_.order == "lowest_first") std::reverse(digits.begin(), digits.end());
    for (const char digit : digits) text += (text.empty() ? "" : " ") + std::string(1, digit);
    return text;
  }

  Options options_;
};

}  // namespace

SUBLAYER_REGISTER(Task, Addition, "addition", "sums of two numbers, digit by digit; generated");

}  // namespace sublayer::task

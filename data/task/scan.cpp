#include <algorithm>
#include <string>
#include <vector>

#include "data/task/task.h"
#include "src/core/config/fields.h"
#include "src/core/noise.h"

namespace sublayer::task {
namespace {

// A command and what it means.
struct Phrase {
  std::string command, actions;
};

std::string repeat(const std::string& actions, int times) {
  std::string text = actions;
  for (int i = 1; i < times; ++i) text += " " + actions;
  return text;
}

// V: what is done once, with its direction. 34 phrases.
std::vector<Phrase> verb_phrases() {
  const std::vector<Phrase> verbs = {{"walk", "I_WALK"}, {"look", "I_LOOK"}, {"run", "I_RUN"}, {"jump", "I_JUMP"}};
  std::vector<Phrase> phrases = verbs;
  for (const auto& [direction, turn] : std::vector<Phrase>{{"left", "I_TURN_LEFT"}, {"right", "I_TURN_RIGHT"}}) {
    phrases.push_back({"turn " + direction, turn});
    phrases.push_back({"turn opposite " + direction, repeat(turn, 2)});
    phrases.push_back({"turn around " + direction, repeat(turn, 4)});
    for (const auto& [verb, action] : verbs) {
      phrases.push_back({verb + " " + direction, turn + " " + action});
      phrases.push_back({verb + " opposite " + direction, repeat(turn, 2) + " " + action});
      phrases.push_back({verb + " around " + direction, repeat(turn + " " + action, 4)});
    }
  }
  return phrases;
}

// C: every command of the grammar, 20,910.
std::vector<Example> all_commands() {
  std::vector<Phrase> sentences;  // S
  for (const auto& [verb, actions] : verb_phrases()) {
    sentences.push_back({verb, actions});
    sentences.push_back({verb + " twice", repeat(actions, 2)});
    sentences.push_back({verb + " thrice", repeat(actions, 3)});
  }
  std::vector<Example> commands;
  for (const auto& first : sentences) commands.push_back({first.command, first.actions});
  for (const auto& first : sentences) {
    for (const auto& second : sentences) {
      commands.push_back({first.command + " and " + second.command, first.actions + " " + second.actions});
      commands.push_back({first.command + " after " + second.command, second.actions + " " + first.actions});
    }
  }
  return commands;
}

int64_t number_of_actions(const Example& example) { return 1 + std::count(example.target.begin(), example.target.end(), ' '); }

using Examples = std::vector<Example>;

Examples in_order(const Examples& examples, const std::vector<int64_t>& order) {
  Examples ordered;
  for (const int64_t index : order) ordered.push_back(examples[index]);
  return ordered;
}

// SCAN (Lake and Baroni 2018): navigation commands to action sequences, made from its grammar. `simple` tests new commands of a known kind,
// `length` longer action sequences than trained on, `add_jump` a verb trained on alone in combinations.
class Scan final : public Task {
 public:
  struct Options : config::Options {
    std::string split = "simple";
    int64_t cutoff = 22, valid = 0;
    uint64_t seed = 1;
    void fields(config::Fields& v) override {
      v.word("split", split, {"simple", "length", "add_jump"}, "which generalisation is tested").otherwise("length").otherwise("add_jump");
      v("cutoff", cutoff, "split: length trains on up to this many actions and tests on more").otherwise("10", "{split: length}");
      v("valid", valid, "examples taken out of training to validate on; 0 for none").otherwise("50");
      v("seed", seed, "of the simple split and of the validation examples, apart from the run's seed").otherwise("2");
    }
    void check(config::Checker& c) const override {
      c.require(split == "length" || cutoff == Options().cutoff, "cutoff", "is read by split: length only");
      c.require(cutoff > 0 && cutoff < longest, "cutoff", "must be in 1 .. " + std::to_string(longest - 1));
      c.require(valid >= 0, "valid", "must not be negative");
      if (valid <= 0 || cutoff <= 0) return;
      const auto most = static_cast<int64_t>(Scan(*this).divide().candidates.size()) - 1;
      c.require(valid <= most, "valid", "must leave training examples: at most " + std::to_string(most));
    }
  };
  explicit Scan(Options options) : options_(std::move(options)) {}

  Corpus load(Split split) const override {
    Division division = divide();
    if (split == Split::test) return {std::move(division.test), {}};
    const Examples shuffled = in_order(division.candidates, noise()("valid").permutation(static_cast<int64_t>(division.candidates.size())));
    if (split == Split::valid) return {Examples(shuffled.begin(), shuffled.begin() + options_.valid), {}};
    Corpus train{std::move(division.always_trained), {}};
    train.examples.insert(train.examples.end(), shuffled.begin() + options_.valid, shuffled.end());
    return train;
  }

 private:
  static constexpr int64_t longest = 48;  // actions: two times "around thrice" with a verb

  // Training examples are those that may serve for validation, and others.
  struct Division {
    Examples candidates, always_trained, test;
  };

  Noise noise() const { return Noise(options_.seed)("scan"); }

  Division divide() const {
    Examples commands = all_commands();
    Division division;
    if (options_.split == "simple") {
      const Examples shuffled = in_order(commands, noise()("split").permutation(static_cast<int64_t>(commands.size())));
      const auto end_of_train = shuffled.begin() + static_cast<int64_t>(shuffled.size()) * 4 / 5;
      division.candidates.assign(shuffled.begin(), end_of_train);
      division.test.assign(end_of_train, shuffled.end());
      return division;
    }
    for (auto& example : commands) {
      if (options_.split == "length") {
        (number_of_actions(example) <= options_.cutoff ? division.candidates : division.test).push_back(std::move(example));
      } else if (example.source == "jump") {
        // As published: a tenth of the training set, so that the bare verb is learned at all.
        division.always_trained.assign(1467, example);
      } else {
        (example.source.find("jump") == std::string::npos ? division.candidates : division.test).push_back(std::move(example));
      }
    }
    return division;
  }

  Options options_;
};

}  // namespace

SUBLAYER_REGISTER(Task, Scan, "scan", "navigation commands to actions, by length or composition (Lake and Baroni 2018); generated");

}  // namespace sublayer::task

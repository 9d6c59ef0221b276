#include <algorithm>
#include <map>
#include <set>

#include "data/task/task.h"
#include "src/core/line_reader.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/corpora.h"

namespace sublayer::test {
namespace {

using task::Example;
using task::Split;
using task::Task;
using Lines = std::set<std::string>;

std::vector<Example> scan(const std::string& options, Split split) {
  return choice_of<Task>("{type: scan, " + options + "}").build()->load(split).examples;
}

// Examples as lines of a table.
Lines lines_of(const std::vector<Example>& examples) {
  Lines lines;
  for (const auto& example : examples) lines.insert(example.source + "\t" + example.target);
  return lines;
}

Lines published(const std::string& name) {
  const auto lines = read_lines(corpora_directory() / "scan" / (name + ".tsv.gz"));
  return {lines.begin(), lines.end()};
}

Lines united(const Lines& a, const Lines& b) {
  Lines both = a;
  both.insert(b.begin(), b.end());
  return both;
}

int64_t number_of_actions(const Example& example) { return 1 + std::count(example.target.begin(), example.target.end(), ' '); }

std::string scan_refusal(const std::string& options) { return refusal_of<Task>("{type: scan, " + options + "}"); }

}  // namespace

TEST_CASE("SCAN's splits have their published sizes") {
  CHECK(scan("split: simple", Split::train).size() == 16728);
  CHECK(scan("split: simple", Split::test).size() == 4182);
  CHECK(scan("split: length", Split::train).size() == 16990);
  CHECK(scan("split: length", Split::test).size() == 3920);
  const auto jump_train = scan("split: add_jump", Split::train);
  CHECK(jump_train.size() == 14670);
  CHECK(lines_of(jump_train).size() == 13204);
  CHECK(scan("split: add_jump", Split::test).size() == 7706);
}

TEST_CASE("each of SCAN's splits divides all 20,910 commands") {
  const Lines all = united(lines_of(scan("split: simple", Split::train)), lines_of(scan("split: simple", Split::test)));
  CHECK(all.size() == 20910);
  for (const std::string split : {"split: length", "split: add_jump", "split: length, cutoff: 10"}) {
    CHECK(united(lines_of(scan(split, Split::train)), lines_of(scan(split, Split::test))) == all);
  }
}

TEST_CASE("SCAN's commands and actions are the published ones") {
  if (!has_corpus("scan")) return;
  CHECK(united(lines_of(scan("split: simple", Split::train)), lines_of(scan("split: simple", Split::test))) ==
        united(published("simple_train"), published("simple_test")));
  CHECK(lines_of(scan("split: length", Split::train)) == published("length_train"));
  CHECK(lines_of(scan("split: length", Split::test)) == published("length_test"));
}

TEST_CASE("SCAN's length split trains up to the cutoff and tests above it") {
  for (const int64_t cutoff : {22, 10}) {
    const std::string options = "split: length, cutoff: " + std::to_string(cutoff);
    for (const auto& example : scan(options, Split::train)) REQUIRE(number_of_actions(example) <= cutoff);
    for (const auto& example : scan(options, Split::test)) REQUIRE(number_of_actions(example) > cutoff);
  }
}

TEST_CASE("SCAN's add_jump split trains on jump alone and tests it in combinations") {
  for (const auto& example : scan("split: add_jump", Split::train)) {
    REQUIRE((example.source == "jump" || example.source.find("jump") == std::string::npos));
  }
  for (const auto& example : scan("split: add_jump", Split::test)) {
    REQUIRE(example.source.find("jump") != std::string::npos);
    REQUIRE(example.source != "jump");
  }
}

TEST_CASE("SCAN's validation examples are taken out of training, and none where none are asked for") {
  for (const std::string split : {"split: simple", "split: length", "split: add_jump"}) {
    CHECK(scan(split, Split::valid).empty());
    const auto whole = scan(split, Split::train);
    const auto train = scan(split + ", valid: 500", Split::train), valid = scan(split + ", valid: 500", Split::valid);
    CHECK(valid.size() == 500);
    CHECK(train.size() == whole.size() - 500);
    CHECK(united(lines_of(train), lines_of(valid)) == lines_of(whole));
    CHECK(lines_of(scan(split + ", valid: 500", Split::test)) == lines_of(scan(split, Split::test)));
    CHECK(lines_of(train).size() == lines_of(whole).size() - 500);
  }
}

TEST_CASE("SCAN refuses options that make no sense and names the key") {
  CHECK(scan_refusal("split: lenght") ==
        "test.yaml:1: task.split: unknown value 'lenght'. Did you mean 'length'? Known: simple, length, add_jump");
  CHECK(scan_refusal("split: length, cutoff: 0") == "test.yaml:1: task.cutoff: must be in 1 .. 47");
  CHECK(scan_refusal("split: length, cutoff: 48") == "test.yaml:1: task.cutoff: must be in 1 .. 47");
  CHECK(scan_refusal("cutoff: 10") == "test.yaml:1: task.cutoff: is read by split: length only");
  CHECK(scan_refusal("valid: -1") == "test.yaml:1: task.valid: must not be negative");
  CHECK(scan_refusal("valid: 20000") == "test.yaml:1: task.valid: must leave training examples: at most 16727");
}

}  // namespace sublayer::test

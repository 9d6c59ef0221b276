// What every task must do, for each one that is registered.
#include <map>
#include <set>

#include "data/task/task.h"
#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {
namespace {

using task::Corpus;
using task::Split;
using task::Task;

constexpr Split all_splits[] = {Split::train, Split::valid, Split::test};

// A task's options: its defaults, unless it reads files.
std::string yaml_for(const std::string& name, const TemporaryDirectory& directory) {
  if (name != "parallel_text") return "{type: " + name + "}";
  std::string source, target;
  for (int i = 0; i < 300; ++i) {
    source += "source " + std::to_string(i) + "\n";
    target += "target " + std::to_string(i) + "\n";
  }
  const auto source_file = write_bytes(directory / "source", source), target_file = write_bytes(directory / "target", target);
  return "{type: parallel_text, train: {source: [" + source_file.string() + "], target: [" + target_file.string() +
         "]}, split: {valid: 30, test: 30}}";
}

std::set<std::string> sources_of(const Corpus& corpus) {
  std::set<std::string> sources;
  for (const auto& example : corpus.examples) sources.insert(example.source);
  return sources;
}

}  // namespace

TEST_CASE("every task gives the same examples each time, none of them blank") {
  TemporaryDirectory directory;
  for (const auto& name : Registry<Task>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto choice = choice_of<Task>(yaml_for(name, directory));
      for (const Split split : all_splits) {
        const Corpus corpus = choice.build()->load(split);
        CHECK(hash_of(corpus) == hash_of(choice.build()->load(split)));
        task::TextHasher streamed;
        CHECK(choice.build()->stream(split, [&](const task::Example& example) { streamed.add(example); }) == corpus.dropped);
        CHECK(streamed.digest() == hash_of(corpus));
        for (const auto& example : corpus.examples) {
          REQUIRE(example.source.find_first_not_of(' ') != std::string::npos);
          REQUIRE(example.target.find_first_not_of(' ') != std::string::npos);
        }
      }
      CHECK(!choice.build()->load(Split::train).examples.empty());
    }
  }
}

TEST_CASE("no task shows a source of one split in another") {
  TemporaryDirectory directory;
  for (const auto& name : Registry<Task>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto built = choice_of<Task>(yaml_for(name, directory)).build();
      std::set<std::string> all;
      size_t sizes = 0;
      for (const Split split : all_splits) {
        const auto sources = sources_of(built->load(split));
        sizes += sources.size();
        all.insert(sources.begin(), sources.end());
      }
      CHECK(all.size() == sizes);
    }
  }
}

TEST_CASE("another seed of the task gives other splits") {
  TemporaryDirectory directory;
  for (const auto& name : Registry<Task>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const std::string yaml = yaml_for(name, directory);
      const auto other = choice_of<Task>(yaml.substr(0, yaml.size() - 1) + ", seed: 2}");
      CHECK(hash_of(choice_of<Task>(yaml).build()->load(Split::train)) != hash_of(other.build()->load(Split::train)));
    }
  }
}

TEST_CASE("a corpus's hash depends on every sentence and on where sentences begin and end") {
  const Corpus corpus{{{"ab", "c"}, {"d", "e"}}, {}};
  for (const Corpus& other : {Corpus{{{"a", "bc"}, {"d", "e"}}, {}}, Corpus{{{"d", "e"}, {"ab", "c"}}, {}}, Corpus{{{"ab", "c"}}, {}},
                              Corpus{{{"ab", "c"}, {"d", "f"}}, {}}, Corpus{}}) {
    CHECK(hash_of(corpus) != hash_of(other));
  }
  CHECK(hash_of(corpus) == hash_of(Corpus{corpus.examples, {{"empty side", 1}}}));
}

TEST_CASE("splits have the names that configs use") {
  CHECK(name_of(Split::train) == std::string("train"));
  CHECK(name_of(Split::valid) == std::string("valid"));
  CHECK(name_of(Split::test) == std::string("test"));
}

}  // namespace sublayer::test

#include <zlib.h>

#include <map>
#include <set>

#include "data/task/task.h"
#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/corpora.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {
namespace {

using task::Corpus;
using task::Example;
using task::Split;
using task::Task;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Corpus load_pairs(const std::string& options, Split split = Split::train) {
  return choice_of<Task>("{type: parallel_text, " + options + "}").build()->load(split);
}

Pairs pairs_of(const Corpus& corpus) {
  Pairs pairs;
  for (const auto& example : corpus.examples) pairs.emplace_back(example.source, example.target);
  return pairs;
}

std::string data_error(const std::string& options, Split split = Split::train) {
  return message_of<DataError>([&] { load_pairs(options, split); });
}
std::string pairs_refusal(const std::string& options) { return refusal_of<Task>("{type: parallel_text, " + options + "}"); }

// Files of a test, by name.
class Folder {
 public:
  std::string write(const std::string& name, const std::string& text) { return write_bytes(directory_ / name, text).string(); }
  std::string write_gzipped(const std::string& name, const std::string& text) {
    const std::string file = (directory_ / name).string();
    const gzFile out = gzopen(file.c_str(), "wb");
    gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
    gzclose(out);
    return file;
  }
  std::string missing(const std::string& name) const { return (directory_ / name).string(); }

 private:
  TemporaryDirectory directory_;
};

std::string numbered(const std::string& word, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += word + std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("aligned files give a pair for each line, from several files in turn, compressed or not") {
  Folder folder;
  const auto a = folder.write("a.en", "one\ntwo\n"), b = folder.write_gzipped("b.en.gz", "three");
  const auto c = folder.write_gzipped("a.de.gz", "eins\nzwei\n"), d = folder.write("b.de", "drei\n");
  const Pairs expected = {{"one", "eins"}, {"two", "zwei"}, {"three", "drei"}};
  CHECK(pairs_of(load_pairs("train: {source: [" + a + ", " + b + "], target: [" + c + ", " + d + "]}")) == expected);
}

TEST_CASE("tables give a pair for each line from the columns asked for") {
  Folder folder;
  const auto a = folder.write_gzipped("a.tsv.gz", "take\ttook\tV;PST\nrun\tran\tV;PST\n"),
             b = folder.write("b.tsv", "go\twent\tV\textra\n");
  const std::string files = "files: [" + a + ", " + b + "]";
  CHECK(pairs_of(load_pairs("train: {" + files + "}")) == Pairs{{"take", "took"}, {"run", "ran"}, {"go", "went"}});
  CHECK(pairs_of(load_pairs("train: {" + files + ", source_columns: [2], target_columns: [1]}")) ==
        Pairs{{"took", "take"}, {"ran", "run"}, {"went", "go"}});
  CHECK(pairs_of(load_pairs("train: {" + files + ", source_columns: [1, 3], target_columns: [2], column_separator: '#'}")) ==
        Pairs{{"take#V;PST", "took"}, {"run#V;PST", "ran"}, {"go#V", "went"}});
}

TEST_CASE("each split reads its own files, and a split without files is empty") {
  Folder folder;
  const auto a = folder.write("a.tsv", "a\tA\n"), b = folder.write("b.tsv", "b\tB\n");
  const std::string options = "train: {files: [" + a + "]}, test: {files: [" + b + "]}";
  CHECK(pairs_of(load_pairs(options)) == Pairs{{"a", "A"}});
  CHECK(pairs_of(load_pairs(options, Split::valid)).empty());
  CHECK(pairs_of(load_pairs(options, Split::test)) == Pairs{{"b", "B"}});
}

TEST_CASE("pairs with a blank side are dropped and counted, whatever white space it is") {
  Folder folder;
  const auto a = folder.write("a.en", "one\n\n \t\nfour\n\xe3\x80\x80\nsix\n"),
             b = folder.write("a.de", "eins\nzwei\ndrei\n\xc2\xa0\n\n sechs \n");
  const Corpus corpus = load_pairs("train: {source: [" + a + "], target: [" + b + "]}");
  CHECK(pairs_of(corpus) == Pairs{{"one", "eins"}, {"six", " sechs "}});
  CHECK(corpus.dropped == std::vector<std::pair<std::string, int64_t>>{{"empty side", 4}});

  const auto table = folder.write("a.tsv", "a\tb\n\t\nc\t\n\n");
  CHECK(load_pairs("train: {files: [" + table + "]}").dropped == std::vector<std::pair<std::string, int64_t>>{{"empty side", 3}});
  const auto clean = folder.write("clean.tsv", "a\tb\n");
  CHECK(load_pairs("train: {files: [" + clean + "]}").dropped.empty());
}

TEST_CASE("a missing file is reported with its key and where the corpus is to be had") {
  Folder folder;
  const auto a = folder.write("a.tsv", "a\tA\n"), none = folder.missing("none.tsv");
  CHECK(data_error("train: {files: [" + none + "]}") == "task.train.files: there is no file " + none);
  CHECK(data_error("train: {files: [" + none + "]}, origin: 'https://example.org'") ==
        "task.train.files: there is no file " + none + ". Where to get it: https://example.org");
  CHECK(data_error("train: {source: [" + a + "], target: [" + none + "]}") == "task.train.target: there is no file " + none);
  CHECK(data_error("train: {source: [" + none + "], target: [" + a + "]}") == "task.train.source: there is no file " + none);
  // Training looks for the files of all splits; a test alone needs those of the test.
  CHECK(data_error("train: {files: [" + a + "]}, test: {files: [" + none + "]}") == "task.test.files: there is no file " + none);
  CHECK(pairs_of(load_pairs("train: {files: [" + none + "]}, test: {files: [" + a + "]}", Split::test)) == Pairs{{"a", "A"}});
}

TEST_CASE("invalid UTF-8 is reported with file, line and byte, on either side and in tables") {
  Folder folder;
  const auto good = folder.write("good", "a\nb\n"), bad = folder.write("bad", "a\nxyz\xff\n"),
             table = folder.write("bad.tsv", "a\tb\xc3\n");
  CHECK(data_error("train: {source: [" + bad + "], target: [" + good + "]}") == bad + ":2: invalid UTF-8 (byte 4 of the line)");
  CHECK(data_error("train: {source: [" + good + "], target: [" + bad + "]}") == bad + ":2: invalid UTF-8 (byte 4 of the line)");
  CHECK(data_error("train: {files: [" + table + "]}") == table + ":1: invalid UTF-8 (byte 4 of the line)");
}

TEST_CASE("aligned files of unequal length are reported with both lengths, whichever is longer") {
  Folder folder;
  const auto two = folder.write("two", "a\nb\n"), five = folder.write("five", "1\n2\n3\n4\n5");
  const std::string rule = ": aligned files hold one sentence of each pair in the same line";
  CHECK(data_error("train: {source: [" + two + "], target: [" + five + "]}") == two + " has 2 lines, " + five + " has 5" + rule);
  CHECK(data_error("train: {source: [" + five + "], target: [" + two + "]}") == five + " has 5 lines, " + two + " has 2" + rule);
}

TEST_CASE("a table's line with too few columns is reported with file and line") {
  Folder folder;
  const auto table = folder.write("a.tsv", "a\tb\tc\nd\te\n");
  CHECK(data_error("train: {files: [" + table + "], source_columns: [1, 3]}") == table + ":2: column 3 is missing: the line has 2");
}

TEST_CASE("a split whose files hold no pair is an error") {
  Folder folder;
  const auto empty = folder.write("empty.tsv", ""), blank = folder.write("blank.tsv", "\t\n"), good = folder.write("good.tsv", "a\tb\n");
  CHECK(data_error("train: {files: [" + empty + "]}") == "task.train: no pair of sentences is left in its files");
  CHECK(data_error("train: {files: [" + good + "]}, test: {files: [" + blank + "]}", Split::test) ==
        "task.test: no pair of sentences is left in its files");
}

TEST_CASE("drawn splits divide the training files, in file order, without a sentence in common") {
  Folder folder;
  const auto en = folder.write("en", numbered("a", 100)), de = folder.write("de", numbered("b", 99) + "b0\n");  // the first and last pair
  const std::string options = "train: {source: [" + en + "], target: [" + de + "]}, split: {valid: 20, test: 30}";
  std::set<std::pair<std::string, std::string>> all;
  std::set<std::string> targets;
  size_t targets_of_splits = 0;
  const auto number = [](const auto& pair) { return std::stoi(pair.first.substr(1)); };
  for (const auto& [split, size] : {std::pair(Split::train, 50U), std::pair(Split::valid, 20U), std::pair(Split::test, 30U)}) {
    const Pairs pairs = pairs_of(load_pairs(options, split));
    CHECK(pairs.size() == size);
    CHECK(std::is_sorted(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) { return number(a) < number(b); }));
    all.insert(pairs.begin(), pairs.end());
    std::set<std::string> of_split;
    for (const auto& pair : pairs) of_split.insert(pair.second);
    targets.insert(of_split.begin(), of_split.end());
    targets_of_splits += of_split.size();
  }
  CHECK(all.size() == 100);
  CHECK(targets.size() == targets_of_splits);
}

TEST_CASE("what is dropped from files with drawn splits is counted once") {
  Folder folder;
  const auto table = folder.write("a.tsv", "a\tA\nb\tB\nc\tC\n\t\n");
  const std::string options = "train: {files: [" + table + "]}, split: {valid: 1, test: 1}";
  CHECK(load_pairs(options).dropped.size() == 1);
  CHECK(load_pairs(options, Split::valid).dropped.empty());
  CHECK(load_pairs(options, Split::test).dropped.empty());
}

TEST_CASE("a drawn split that cannot reach its size is an error, and so is one that leaves nothing to train on") {
  Folder folder;
  const auto linked = folder.write("linked.tsv", "a\t1\na\t2\na\t3\nb\t4\n"), two = folder.write("two.tsv", "a\tA\nb\tB\n");
  CHECK(data_error("train: {files: [" + linked + "]}, split: {test: 2}", Split::test) ==
        "task.split.test: only 1 of 2 pairs can be drawn: pairs with a sentence in common stay together");
  CHECK(data_error("train: {files: [" + two + "]}, split: {valid: 1, test: 1}") == "task.train: no pair of sentences is left in its files");
}

TEST_CASE("parallel_text refuses options that contradict each other and names the key") {
  CHECK(pairs_refusal("seed: 1") == "test.yaml:1: task.train: names no files");
  CHECK(pairs_refusal("train: {source: [a, b], target: [c]}") ==
        "test.yaml:1: task.train.target: must list one file for each of source: source has 2, target 1");
  CHECK(pairs_refusal("train: {source: [a], target: [b], files: [c]}") == "test.yaml:1: task.train.files: excludes source and target");
  CHECK(pairs_refusal("train: {source: a, target: b}") == "test.yaml:1: task.train.source: expected a list, e.g. [a, b]");
  CHECK(pairs_refusal("train: {source: [a], target: [b], source_columns: [2]}") ==
        "test.yaml:1: task.train.source_columns: is read with `files` only");
  CHECK(pairs_refusal("train: {files: [a], target_columns: [0]}") == "test.yaml:1: task.train.target_columns: columns are counted from 1");
  CHECK(pairs_refusal("train: {files: [a], source_columns: []}") == "test.yaml:1: task.train.source_columns: must name a column");
  CHECK(pairs_refusal("train: {files: [a]}, valid: {files: [b]}, split: {valid: 1}") ==
        "test.yaml:1: task.split: valid is drawn, but there are files for it as well");
  CHECK(pairs_refusal("train: {files: [a]}, test: {files: [b]}, split: {test: 1}") ==
        "test.yaml:1: task.split: test is drawn, but there are files for it as well");
  CHECK(pairs_refusal("train: {files: [a]}, split: {test: -1}") == "test.yaml:1: task.split.test: must not be negative");
  CHECK(pairs_refusal("train: {files: [a]}, split: {valid: -1}") == "test.yaml:1: task.split.valid: must not be negative");
}

TEST_CASE("where files lie is no part of a run's identity, how they are read is") {
  Folder folder;
  const auto a = folder.write("a.tsv", "a\tA\n");
  const auto identity = [&](const std::string& options) {
    return config::to_yaml(config::write(choice_of<Task>("{type: parallel_text, " + options + "}").options(), true));
  };
  CHECK(identity("train: {files: [x.tsv]}") == identity("train: {files: [y.tsv]}, origin: elsewhere"));
  CHECK(identity("train: {files: [x.tsv]}") != identity("train: {files: [x.tsv], target_columns: [3]}"));
  CHECK(identity("train: {files: [x.tsv]}") != identity("train: {files: [x.tsv]}, seed: 2"));
}

TEST_CASE("the corpora beside the repository have their documented sizes") {
  if (!has_corpus("multi30k") || !has_corpus("tatoeba_zh_en")) return;
  const auto folder = corpora_directory();
  const auto path = [&](const std::string& name) { return std::filesystem::absolute(folder / name).string(); };
  CHECK(load_pairs("train: {source: [" + path("multi30k/train.en.gz") + "], target: [" + path("multi30k/train.de.gz") + "]}")
            .examples.size() == 29000);
  CHECK(load_pairs("train: {files: [" + path("tatoeba_zh_en/train.tsv.gz") + "]}").examples.size() == 27038);
}

TEST_CASE("further corpora are trained on as often as their weights say") {
  Folder folder;
  const std::string first =
      "train: {source: [" + folder.write("a.s", numbered("a", 40)) + "], target: [" + folder.write("a.t", numbered("A", 40)) + "]}";
  const std::string source = folder.write("b.s", numbered("b", 400)), target = folder.write("b.t", numbered("B", 400));
  const auto count = [&](const std::string& weight, const std::string& more = "", Split split = Split::train) {
    std::map<std::string, int64_t> times;
    for (const auto& [from, to] : pairs_of(
             load_pairs(first + ", more: [{source: [" + source + "], target: [" + target + "], weight: " + weight + "}]" + more, split)))
      ++times[from];
    return times;
  };
  const auto twice = count("2");
  CHECK(twice.size() == 440);
  CHECK(twice.at("a7") == 1);
  CHECK(twice.at("b7") == 2);
  const auto fraction = count("1.25");
  CHECK(fraction.size() == 440);
  int64_t all = 0;
  for (const auto& [sentence, times] : fraction) all += times;
  CHECK(all - 440 == Approx(100).margin(40));
  CHECK(count("0.5").size() < 300);
}

TEST_CASE("what is drawn for validation is the same whatever corpora are trained on besides, and is in none of them") {
  Folder folder;
  const std::string source = folder.write("a.s", numbered("a", 40)), target = folder.write("a.t", numbered("A", 40));
  const std::string first = "train: {source: [" + source + "], target: [" + target + "]}, split: {valid: 10}";
  const std::string more = ", more: [{source: [" + source + "], target: [" + folder.write("b.t", numbered("B", 40)) + "]}]";
  const auto valid = pairs_of(load_pairs(first, Split::valid));
  CHECK(valid.size() == 10);
  CHECK(pairs_of(load_pairs(first + more, Split::valid)) == valid);
  const Corpus train = load_pairs(first + more);
  CHECK(train.examples.size() == 60);
  CHECK(train.dropped == std::vector<std::pair<std::string, int64_t>>{{"sentence of a drawn pair", 10}});
  for (const auto& [sentence, translation] : valid) {
    CHECK(
        std::none_of(train.examples.begin(), train.examples.end(), [&, from = sentence](const auto& pair) { return pair.source == from; }));
  }
}

TEST_CASE("further corpora are told apart in errors") {
  Folder folder;
  const std::string first = "train: {source: [" + folder.write("a.s", "a\n") + "], target: [" + folder.write("a.t", "A\n") + "]}";
  CHECK(data_error(first + ", more: [{source: [" + folder.missing("none") + "], target: [" + folder.missing("none") + "]}]")
            .find("task.more.0") != std::string::npos);
  CHECK(pairs_refusal(first + ", more: [{weight: 2}]").find("names no files") != std::string::npos);
  CHECK(pairs_refusal(first + ", more: [{source: [a], target: [b], weight: 0}]").find("weight: must be positive") != std::string::npos);
}

}  // namespace sublayer::test

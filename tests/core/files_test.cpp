#include "src/core/files.h"

#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <system_error>

#include "src/core/errors.h"
#include "src/core/fault_point.h"
#include "src/core/hash.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {
namespace {

namespace fs = std::filesystem;

const std::string old_bytes = "old";
const std::string new_bytes(3 * (size_t{1} << 20) - 5, 'n');  // written in three pieces

std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename().string());
  return names;
}

// What a killed process was about to do, by name.
void act(const std::string& action, const fs::path& directory) {
  if (action == "write") write_file_durably(directory / "file", new_bytes);
  if (action == "commit") {
    DurableDirectory output(directory / "made");
    write_file_durably(output.path() / "a", "1");
    fs::create_directory(output.path() / "below");
    write_bytes(output.path() / "below" / "b", "2");
    output.commit();
  }
  if (action == "remove") remove_directory_durably(directory / "pruned");
}

// Runs act() in a process of its own; true: it came to its end, false: it was killed.
bool survives(const std::string& action, const fs::path& directory, const std::string& kill_at) {
  const std::string command = "SUBLAYER_TEST_ACTION=" + action + " SUBLAYER_TEST_DIRECTORY='" + directory.string() +
                              "' SUBLAYER_KILL_AT='" + kill_at + "' '" + fs::read_symlink("/proc/self/exe").string() +
                              "' '[.files_killed]' > /dev/null 2>&1";
  const int status = std::system(command.c_str());
  REQUIRE((status == 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL)));
  return status == 0;
}

void prepare(const fs::path& directory) {
  write_bytes(directory / "file", old_bytes);
  fs::create_directories(directory / "pruned" / "below");
  write_bytes(directory / "pruned" / "a", "1");
  write_bytes(directory / "pruned" / "below" / "b", "2");
}

void check_all_or_nothing(const fs::path& directory) {
  const std::string bytes = read_bytes(directory / "file");
  CHECK((bytes == old_bytes || bytes == new_bytes));
  if (fs::exists(directory / "made")) {
    CHECK(read_bytes(directory / "made" / "a") == "1");
    CHECK(read_bytes(directory / "made" / "below" / "b") == "2");
  }
  if (fs::exists(directory / "pruned")) {
    CHECK(read_bytes(directory / "pruned" / "a") == "1");
    CHECK(read_bytes(directory / "pruned" / "below" / "b") == "2");
  }
}

}  // namespace

TEST_CASE("(acts in a process that is killed on the way)", "[.files_killed]") {
  const char* action = std::getenv("SUBLAYER_TEST_ACTION");
  if (action == nullptr) return;
  const fs::path directory = std::getenv("SUBLAYER_TEST_DIRECTORY");
  try {
    act(action, directory);
  } catch (const ConfigError& error) {
    write_bytes(directory / "refusal", error.what());
  }
}

TEST_CASE("a process killed at any fault point leaves files and directories whole, and what it leaves besides can be swept") {
  const auto [action, points] = GENERATE(table<std::string, std::vector<std::string>>({
      {"write", {"files.write", "files.rename", "files.renamed"}},
      {"commit", {"files.write", "files.commit", "files.committed"}},
      {"remove", {"files.prune", "files.delete"}},
  }));
  for (const auto& point : points) {
    int passages = 0;
    for (bool has_survived = false; !has_survived; ++passages) {
      TemporaryDirectory directory;
      prepare(directory.path());
      has_survived = survives(action, directory.path(), point + ":" + std::to_string(passages + 1));
      INFO(action << " killed at passage " << passages + 1 << " of " << point);
      check_all_or_nothing(directory.path());
      sweep_leftovers(directory.path());
      check_all_or_nothing(directory.path());
      for (const auto& name : names_in(directory.path())) CHECK(std::set<std::string>{"file", "made", "pruned"}.count(name) == 1);
    }
    INFO(action << " passes " << point);
    CHECK(passages > 1);
  }
}

TEST_CASE("a malformed order to be killed is refused") {
  for (const std::string order : {"files.write", "files.write:", "files.write:0", ":1", "files.write:1x"}) {
    TemporaryDirectory directory;
    CHECK(survives("write", directory.path(), order));
    CHECK(read_bytes(directory / "refusal") == "SUBLAYER_KILL_AT: expected name:count, a count of at least 1, got '" + order + "'");
    CHECK(names_in(directory.path()) == std::set<std::string>{"refusal"});
  }
}

TEST_CASE("a file written durably has the bytes given, and its directory holds nothing else") {
  TemporaryDirectory directory;
  for (const std::string& bytes : {std::string(), std::string("a\0b\n", 4), new_bytes}) {
    write_file_durably(directory / "file", bytes);
    CHECK(read_file(directory / "file") == bytes);
    CHECK(names_in(directory.path()) == std::set<std::string>{"file"});
  }
}

TEST_CASE("a relative path without a directory can be written durably") {
  TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  write_file_durably("file", "x");
  DurableDirectory made("made/");
  made.commit();
  fs::current_path(before);
  CHECK(names_in(directory.path()) == std::set<std::string>{"file", "made"});
}

TEST_CASE("a durable file abandoned before commit leaves the old one untouched and no litter") {
  TemporaryDirectory directory;
  write_bytes(directory / "file", old_bytes);
  {
    DurableFile output(directory / "file");
    output.append("half of it");
  }
  CHECK(read_bytes(directory / "file") == old_bytes);
  CHECK(names_in(directory.path()) == std::set<std::string>{"file"});
}

TEST_CASE("a durable directory appears under its name only with commit") {
  TemporaryDirectory directory;
  DurableDirectory output(directory / "made");
  write_bytes(output.path() / "a", "1");
  CHECK(names_in(directory.path()) == std::set<std::string>{"made.partial"});
  output.commit();
  CHECK(names_in(directory.path()) == std::set<std::string>{"made"});
  CHECK(read_bytes(directory / "made" / "a") == "1");
}

TEST_CASE("a durable directory left by an exception leaves no litter") {
  TemporaryDirectory directory;
  const auto fill = [&] {
    DurableDirectory output(directory / "made");
    write_bytes(output.path() / "a", "1");
    throw std::runtime_error("disk on fire");
  };
  CHECK_THROWS_AS(fill(), std::runtime_error);
  CHECK(names_in(directory.path()).empty());
}

TEST_CASE("a durable directory replaces what a killed process left, but never a complete directory") {
  TemporaryDirectory directory;
  fs::create_directory(directory / "made.partial");
  write_bytes(directory / "made.partial" / "old", "1");
  DurableDirectory(directory / "made").commit();
  CHECK(names_in(directory / "made").empty());
  CHECK(message_of<UserError>([&] { DurableDirectory again(directory / "made"); }) == (directory / "made").string() + ": already exists");
}

TEST_CASE("a directory removed durably is gone, trash of an earlier attempt included") {
  TemporaryDirectory directory;
  prepare(directory.path());
  fs::create_directory(directory / "pruned.trash");
  write_bytes(directory / "pruned.trash" / "older", "1");
  remove_directory_durably(directory / "pruned");
  CHECK(names_in(directory.path()) == std::set<std::string>{"file"});
}

TEST_CASE("sweeping removes leftovers of files and directories, names them, and touches nothing else") {
  TemporaryDirectory directory;
  for (const std::string name : {"a.partial", "b.trash", "keep", "partial", "trash.txt"}) write_bytes(directory / name, "x");
  fs::create_directories(directory / "c.partial" / "below");
  fs::create_directories(directory / "kept" / "inner.partial");
  CHECK(sweep_leftovers(directory.path()) ==
        std::vector<fs::path>{directory / "a.partial", directory / "b.trash", directory / "c.partial"});
  CHECK(names_in(directory.path()) == std::set<std::string>{"keep", "kept", "partial", "trash.txt"});
  CHECK(sweep_leftovers(directory / "missing").empty());
}

TEST_CASE("files that cannot be read or written are named with the reason") {
  TemporaryDirectory directory;
  const std::string missing = (directory / "missing" / "file").string();
  CHECK(message_of<DataError>([&] { read_file(missing); }) == missing + ": cannot read: No such file or directory");
  CHECK(message_of<DataError>([&] { read_file(directory.path()); }) == directory.path().string() + ": cannot read: Is a directory");
  CHECK(message_of<std::system_error>([&] { write_file_durably(missing, "x"); }) ==
        "cannot write '" + missing + "': No such file or directory");
  CHECK_THROWS_AS(DurableDirectory(missing), std::system_error);
  CHECK_THROWS_AS(remove_directory_durably(missing), std::system_error);
}

TEST_CASE("a file whose size the system does not know is read to its end") {
  CHECK(read_file("/proc/self/status").find("Pid:") != std::string::npos);
}

TEST_CASE("a hash tells contents apart, not the pieces in which they came") {
  TemporaryDirectory directory;
  const auto file = write_bytes(directory / "file", new_bytes);
  CHECK(hash_file(file) == hash_bytes(new_bytes));
  Hasher hasher;
  for (size_t i = 0; i < new_bytes.size(); i += 100'003) hasher.update(std::string_view(new_bytes).substr(i, 100'003));
  CHECK(hasher.digest() == hash_bytes(new_bytes));
  CHECK(hash_bytes(new_bytes) != hash_bytes(new_bytes + "n"));
  CHECK(hash_bytes("") == "2d06800538d394c2");  // of the algorithm's reference implementation
}

}  // namespace sublayer::test

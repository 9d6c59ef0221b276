#include "src/training/metrics_log.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::training {
namespace {

using test::message_of;
using test::read_bytes;
using test::TemporaryDirectory;
using test::write_bytes;

nlohmann::json record_of(int64_t update) {
  return {{"event", "train"}, {"update", update}, {"loss", 1.0 / static_cast<double>(update)}, {"time", 9.5}};
}

// Bytes of all event files, their times and names left out of account.
size_t event_bytes(const TemporaryDirectory& run) {
  size_t sum = 0;
  for (const auto& entry : std::filesystem::directory_iterator(run / "tensorboard")) sum += entry.file_size();
  return sum;
}

}  // namespace

TEST_CASE("each record is a line of JSON that gives back its numbers to the last bit") {
  const TemporaryDirectory run;
  MetricsLog log(run.path(), 0);
  CHECK(log.size() == 0);
  for (int64_t update = 1; update <= 3; ++update) log.write(record_of(update));
  log.sync();
  const std::string text = read_bytes(run / "metrics.jsonl");
  CHECK(log.size() == text.size());
  std::istringstream lines(text);
  int64_t update = 0;
  for (std::string line; std::getline(lines, line);) CHECK(nlohmann::json::parse(line) == record_of(++update));
  CHECK(update == 3);
  CHECK(text.ends_with("\n"));
}

TEST_CASE("a log that goes on keeps what its checkpoint knows of and forgets the rest") {
  const TemporaryDirectory run, whole;
  uint64_t known = 0;
  {
    MetricsLog log(run.path(), 0);
    log.write(record_of(1));
    log.write(record_of(2));
    known = log.size();
    log.write(record_of(3));
    log.write(record_of(4));
  }
  write_bytes(run / "metrics.jsonl", read_bytes(run / "metrics.jsonl") + "{\"event\": \"tra");  // killed while it wrote
  {
    MetricsLog log(run.path(), known);
    CHECK(log.size() == known);
    log.write(record_of(3));
  }
  {
    MetricsLog log(whole.path(), 0);
    for (int64_t update = 1; update <= 3; ++update) log.write(record_of(update));
  }
  CHECK(read_bytes(run / "metrics.jsonl") == read_bytes(whole / "metrics.jsonl"));
  CHECK(event_bytes(run) == event_bytes(whole));
}

TEST_CASE("a log that starts over leaves no record and no event behind") {
  const TemporaryDirectory run, fresh;
  { MetricsLog(run.path(), 0).write(record_of(1)); }
  { MetricsLog(run.path(), 0).write(record_of(2)); }
  { MetricsLog(fresh.path(), 0).write(record_of(2)); }
  CHECK(read_bytes(run / "metrics.jsonl") == read_bytes(fresh / "metrics.jsonl"));
  CHECK(event_bytes(run) == event_bytes(fresh));
}

TEST_CASE("a log that lost records is refused") {
  const TemporaryDirectory run;
  const auto file = run / "metrics.jsonl";
  write_bytes(file, "{\"event\": \"train\", \"update\": 1, \"time\": 1}\n");
  CHECK(message_of<DataError>([&] { MetricsLog(run.path(), 100); }) ==
        file.string() + ": truncated: the checkpoint knows 100 bytes, the file has " + std::to_string(std::filesystem::file_size(file)) +
            "; restore it, or remove the latest checkpoints to go on from one that is older than the loss");
}

TEST_CASE("a damaged record is refused with its line") {
  const TemporaryDirectory run;
  const auto file = run / "metrics.jsonl";
  for (const std::string bad : {"{\"event\": \"tra", "[1, 2]", "\"text\"", "{\"event\": \"train\", \"update\": \"one\"}", ""}) {
    write_bytes(file, "{\"event\": \"train\", \"update\": 1, \"time\": 1}\n" + bad + "\n");
    CHECK(message_of<DataError>([&] { MetricsLog(run.path(), std::filesystem::file_size(file)); }) ==
          file.string() + ":2: damaged: not a record of this program");
  }
}

}  // namespace sublayer::training

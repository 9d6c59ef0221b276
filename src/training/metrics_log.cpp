#include "src/training/metrics_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <vector>

#include "src/core/errors.h"
#include "src/core/files.h"

namespace sublayer::training {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file) { throw std::system_error(errno, std::generic_category(), file.string()); }

// A training that starts over writes under another name: the old events would stand beside the new ones.
void remove_events(const std::filesystem::path& directory) {
  const std::vector<std::filesystem::directory_entry> entries(std::filesystem::directory_iterator(directory), {});
  for (const auto& entry : entries) {
    if (entry.path().extension() == ".sublayer") std::filesystem::remove(entry.path());
  }
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& run, uint64_t bytes) : file_(run / "metrics.jsonl"), run_(run) {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail(file_);
  const off_t end = ::lseek(descriptor_, 0, SEEK_END);
  if (end < 0) fail(file_);
  if (static_cast<uint64_t>(end) < bytes) {
    throw DataError(file_.string() + ": truncated: the checkpoint knows " + std::to_string(bytes) + " bytes, the file has " +
                    std::to_string(end) + "; restore it, or remove the latest checkpoints to go on from one that is older than the loss");
  }
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0 || ::lseek(descriptor_, 0, SEEK_END) < 0) fail(file_);
  size_ = bytes;

  std::filesystem::create_directories(run_ / "tensorboard");
  remove_events(run_ / "tensorboard");
  std::istringstream lines(bytes > 0 ? read_file(file_) : std::string());
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      add_events(nlohmann::json::parse(line));
    } catch (const nlohmann::json::exception&) {
      throw DataError(file_.string() + ":" + std::to_string(number) + ": damaged: not a record of this program");
    }
  }
}

MetricsLog::~MetricsLog() { ::close(descriptor_); }

void MetricsLog::write(const nlohmann::json& record) {
  const std::string line = record.dump() + "\n";
  for (size_t done = 0; done < line.size();) {
    const ssize_t count = ::write(descriptor_, line.data() + done, line.size() - done);
    if (count < 0 && errno != EINTR) fail(file_);
    if (count > 0) done += static_cast<size_t>(count);
  }
  size_ += line.size();
  add_events(record);
  events_->flush();
}

void MetricsLog::sync() {
  if (::fdatasync(descriptor_) != 0) fail(file_);
}

void MetricsLog::add_events(const nlohmann::json& record) {
  const double time = record.value("time", 0.0);
  if (!events_) events_ = std::make_unique<EventWriter>(event_file(run_ / "tensorboard", static_cast<int64_t>(time)), time);
  const std::string event = record.value("event", "");
  const int64_t update = record.value("update", int64_t{0});
  for (const auto& [name, value] : record.items()) {
    if (value.is_number() && name != "update" && name != "time") events_->scalar(event + "/" + name, update, value.get<double>(), time);
  }
}

}  // namespace sublayer::training

#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "src/training/tensorboard.h"

namespace sublayer::training {

// metrics.jsonl of a run, one JSON record per event, and the same scalars as TensorBoard events. The event file is derived from the
// records: a run that goes on cuts the records back to its checkpoint and writes the events anew.
class MetricsLog {
 public:
  // Keeps the first `bytes` of an existing metrics.jsonl.
  MetricsLog(const std::filesystem::path& run, uint64_t bytes);
  ~MetricsLog();

  // `record` has "event" (update, validation, ...), "update" and "time" (seconds since 1970); its numbers become scalars "event/name".
  void write(const nlohmann::json& record);

  uint64_t size() const { return size_; }
  void sync();  // what was written is on the disk

 private:
  void add_events(const nlohmann::json& record);

  std::filesystem::path file_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  std::unique_ptr<EventWriter> events_;
  std::filesystem::path run_;
};

}  // namespace sublayer::training

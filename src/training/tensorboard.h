#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace sublayer::training {

// "DIRECTORY/events.out.tfevents.<seconds>.sublayer": TensorBoard finds event files by the middle of the name and orders them by seconds.
// No name of a machine: a run that goes on elsewhere replaces its file.
std::filesystem::path event_file(const std::filesystem::path& directory, int64_t start_seconds);

// Writes a TensorBoard event file from its beginning; an existing one is overwritten in place. Equal calls give equal bytes, so that a
// TensorBoard that is watching reads on when a resumed run writes its past again. Times are seconds since 1970. Failures to write are
// std::system_errors.
class EventWriter {
 public:
  EventWriter(std::filesystem::path file, double start_time);

  void scalar(std::string_view tag, int64_t step, double value, double wall_time);
  void text(std::string_view tag, int64_t step, std::string_view markdown, double wall_time);
  void flush();  // what was written so far is visible to TensorBoard; the destructor does it too, without reporting failures

 private:
  void write_record(std::string_view event);

  std::filesystem::path file_;
  std::ofstream stream_;
};

}  // namespace sublayer::training

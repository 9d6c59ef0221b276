#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sublayer {

// The lines of a text file, plain or gzip-compressed, one after the other. Only \n ends a line; one \r at the end of a line is dropped,
// every other byte is kept. The last line may lack its \n. Missing, truncated and damaged files are DataErrors with file and line.
class LineReader {
 public:
  explicit LineReader(std::filesystem::path file);
  ~LineReader();

  bool next(std::string& line);                           // false at the end of the file
  int64_t line_number() const { return line_number_; }    // 1-based, of the line read last
  [[noreturn]] void fail(const std::string& what) const;  // DataError "FILE:LINE: what", about the line read last

 private:
  class Source;
  void append_rest_of_line(std::string& line);

  std::filesystem::path file_;
  std::unique_ptr<Source> source_;
  int64_t line_number_ = 0;
};

std::vector<std::string> read_lines(const std::filesystem::path& file);

}  // namespace sublayer

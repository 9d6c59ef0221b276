#include "src/core/line_reader.h"

#include <zlib.h>

#include <new>
#include <string_view>
#include <utility>

#include "src/core/errors.h"
#include "src/core/files.h"

namespace sublayer {
namespace {

constexpr size_t line_buffer_size = size_t{1} << 16;

// Why compressed data cannot be read on; LineReader adds the place.
struct DamagedInput {
  std::string what;
};

}  // namespace

// The decompressed bytes of the file, in pieces. Several gzip members in a row are one text, as for gzip itself.
class LineReader::Source {
 public:
  explicit Source(const std::filesystem::path& file) : input_(file), compressed_(line_buffer_size, '\0') {
    fill();
    is_gzip_ = available_ >= 2 && compressed_[0] == '\x1f' && compressed_[1] == '\x8b';
    if (!is_gzip_ && file.extension() == ".gz") throw DataError(file.string() + ": not gzip data, although its name ends in .gz");
    if (!is_gzip_) return;
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();  // 16: gzip header and checksum
    text_.resize(4 * line_buffer_size);
  }
  ~Source() {
    if (is_gzip_) inflateEnd(&stream_);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // The bytes read and not yet taken; empty only at the end of the file.
  std::string_view peek() {
    if (rest_.empty()) rest_ = is_gzip_ ? decompress() : next_piece();
    return rest_;
  }
  void take(size_t count) { rest_.remove_prefix(count); }

 private:
  void fill() { available_ = input_.read(compressed_.data(), compressed_.size()); }

  std::string_view next_piece() {
    if (is_first_piece_taken_) fill();
    is_first_piece_taken_ = true;
    return {compressed_.data(), available_};
  }

  std::string_view decompress() {
    stream_.next_out = reinterpret_cast<Bytef*>(text_.data());
    stream_.avail_out = static_cast<uInt>(text_.size());
    while (stream_.avail_out == text_.size()) {
      if (is_member_complete_) {
        if (stream_.avail_in == 0 && !feed()) return {};
        inflateReset(&stream_);
      }
      const int status = inflate(&stream_, Z_NO_FLUSH);
      is_member_complete_ = status == Z_STREAM_END;
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status == Z_BUF_ERROR) {  // all input is used up
        if (!feed()) throw DamagedInput{"truncated: the gzip data end too soon"};
      } else if (status != Z_OK && status != Z_STREAM_END) {
        throw DamagedInput{std::string("damaged gzip data: ") + (stream_.msg ? stream_.msg : "unknown method")};
      }
    }
    return {text_.data(), text_.size() - stream_.avail_out};
  }

  bool feed() {
    const auto piece = next_piece();
    stream_.next_in = reinterpret_cast<Bytef*>(compressed_.data());
    stream_.avail_in = static_cast<uInt>(piece.size());
    return !piece.empty();
  }

  InputFile input_;
  std::string compressed_;  // bytes of the file, of which the first available_ are valid
  size_t available_ = 0;
  std::string text_;  // decompressed bytes
  std::string_view rest_;
  z_stream stream_{};
  bool is_gzip_ = false;
  bool is_first_piece_taken_ = false;
  bool is_member_complete_ = false;
};

LineReader::LineReader(std::filesystem::path file) : file_(std::move(file)), source_(std::make_unique<Source>(file_)) {}

LineReader::~LineReader() = default;

bool LineReader::next(std::string& line) {
  line.clear();
  ++line_number_;
  try {
    if (source_->peek().empty()) {
      --line_number_;
      return false;
    }
    append_rest_of_line(line);
  } catch (const DamagedInput& damage) {
    fail(damage.what);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

void LineReader::append_rest_of_line(std::string& line) {
  for (auto piece = source_->peek(); !piece.empty(); piece = source_->peek()) {
    const size_t newline = piece.find('\n');
    line += piece.substr(0, newline);
    source_->take(newline == std::string_view::npos ? piece.size() : newline + 1);
    if (newline != std::string_view::npos) return;
  }
}

void LineReader::fail(const std::string& what) const { throw DataError(file_.string() + ":" + std::to_string(line_number_) + ": " + what); }

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  LineReader reader(file);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}

}  // namespace sublayer

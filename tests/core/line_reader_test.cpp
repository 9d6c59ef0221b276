#include "src/core/line_reader.h"

#include <zlib.h>

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {
namespace {

using Lines = std::vector<std::string>;

// One complete gzip member.
std::string gzipped(const std::string& text, int level = Z_DEFAULT_COMPRESSION) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string bytes(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

// Lines of many lengths, longer than any buffer, hard and easy to compress.
Lines many_lines() {
  Lines lines;
  uint32_t state = 1;
  for (size_t length = 0; length < 2'000'000; length = length * 2 + 1) {
    std::string line(length, 'x');
    for (size_t i = 0; i < length / 2; ++i) line[i] = static_cast<char>('a' + ((state = state * 1664525 + 1013904223) >> 24) % 26);
    lines.push_back(line);
  }
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("only a newline ends a line, and one carriage return at its end is dropped") {
  TemporaryDirectory directory;
  const auto lines_of = [&](const std::string& text) { return read_lines(write_bytes(directory / "text", text)); };
  CHECK(lines_of("").empty());
  CHECK(lines_of("\n") == Lines{""});
  CHECK(lines_of("a\nb") == Lines{"a", "b"});
  CHECK(lines_of("a\nb\n") == Lines{"a", "b"});
  CHECK(lines_of("a\n\n\nb\n") == Lines{"a", "", "", "b"});
  CHECK(lines_of("a\r\nb\r\r\n\r\nc\rd\r") == Lines{"a", "b\r", "", "c\rd"});
  const std::string other_ends = "a\x0b\x0c\x1c\x1d\x1e\xc2\x85\xe2\x80\xa8\xe2\x80\xa9z";  // what other programs take for line ends
  CHECK(lines_of(other_ends + "\n") == Lines{other_ends});
  CHECK(lines_of(std::string("a\0b\n", 4)) == Lines{std::string("a\0b", 3)});
}

TEST_CASE("plain and compressed text give the same lines, of any length") {
  TemporaryDirectory directory;
  const Lines lines = many_lines();
  const std::string text = joined(lines);
  CHECK(read_lines(write_bytes(directory / "text", text)) == lines);
  CHECK(read_lines(write_bytes(directory / "text.gz", gzipped(text))) == lines);
  CHECK(read_lines(write_bytes(directory / "stored.gz", gzipped(text, 0))) == lines);
  CHECK(read_lines(write_bytes(directory / "compressed_whatever_the_name", gzipped(text))) == lines);
  CHECK(read_lines(write_bytes(directory / "two.gz", gzipped("a\nb") + gzipped("c\nd\n"))) == Lines{"a", "bc", "d"});
  CHECK(read_lines(write_bytes(directory / "zeros.gz", gzipped(std::string(5'000'000, '\n')))).size() == 5'000'000);
  CHECK(read_lines(write_bytes(directory / "empty.gz", gzipped(""))).empty());
}

TEST_CASE("the number of the line read last counts from 1") {
  TemporaryDirectory directory;
  LineReader reader(write_bytes(directory / "text", "a\n\nb"));
  std::string line;
  for (int64_t number = 1; reader.next(line); ++number) CHECK(reader.line_number() == number);
  CHECK(reader.line_number() == 3);
  CHECK_FALSE(reader.next(line));
  CHECK(message_of<DataError>([&] { reader.fail("odd"); }) == (directory / "text").string() + ":3: odd");
}

TEST_CASE("compressed text cut anywhere gives its first lines, then an error with file and line") {
  TemporaryDirectory directory;
  Lines lines = many_lines();
  lines.resize(12);
  const std::string bytes = gzipped(joined(lines));
  for (size_t size = 2; size < bytes.size(); ++size) {
    const auto file = write_bytes(directory / "cut.gz", bytes.substr(0, size));
    Lines read;
    const std::string message = message_of<DataError>([&] {
      LineReader reader(file);
      for (std::string line; reader.next(line);) read.push_back(line);
    });
    const std::string place = file.string() + ":" + std::to_string(read.size() + 1);
    REQUIRE(message == place + ": truncated: the gzip data end too soon");
    REQUIRE(read.size() <= lines.size());
    REQUIRE(std::equal(read.begin(), read.end(), lines.begin()));
  }
}

TEST_CASE("no altered byte of the compressed data or of their checksum changes the text unnoticed") {
  TemporaryDirectory directory;
  const Lines lines = {"one", "two", "three"};
  const std::string bytes = gzipped(joined(lines));
  constexpr size_t header_size = 10;  // its time and system say nothing about the text
  for (size_t i = header_size; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    const auto file = write_bytes(directory / "damaged.gz", damaged);
    INFO("byte " << i << " of " << bytes.size());
    Lines read;
    const std::string message = message_of<DataError>([&] { read = read_lines(file); });
    CHECK((read == lines || message.find(": damaged gzip data: ") != message.npos || message.find(": truncated: ") != message.npos));
  }
}

TEST_CASE("files that are missing, not gzip or followed by garbage are named with the reason") {
  TemporaryDirectory directory;
  const auto message = [&](const std::string& name, const std::string& bytes) {
    const auto file = write_bytes(directory / name, bytes);
    return message_of<DataError>([&] { read_lines(file); });
  };
  const auto named = [&](const std::string& name) { return (directory / name).string(); };
  CHECK(message("plain.gz", "text\n") == named("plain.gz") + ": not gzip data, although its name ends in .gz");
  CHECK(message("empty.gz", "") == named("empty.gz") + ": not gzip data, although its name ends in .gz");
  CHECK(message("tail.gz", gzipped("a\nb\n") + "garbage") == named("tail.gz") + ":3: damaged gzip data: incorrect header check");
  CHECK(message_of<DataError>([&] { read_lines(named("none")); }) == named("none") + ": cannot read: No such file or directory");
  CHECK(message_of<DataError>([&] { read_lines(directory.path()); }) == directory.path().string() + ": cannot read: Is a directory");
}

}  // namespace sublayer::test

#include "src/training/tensorboard.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <system_error>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {
using training::event_file;
using training::EventWriter;

namespace {

// CRC-32C from its definition, bit by bit, masked as TFRecord does.
uint32_t masked_checksum(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
  }
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

template <class Number>
Number number_at(const std::string& bytes, size_t position) {
  Number number{};
  REQUIRE(position + sizeof(number) <= bytes.size());
  std::memcpy(&number, bytes.data() + position, sizeof(number));
  return number;
}

// The payloads of a TFRecord file, all checksums checked.
std::vector<std::string> records_in(const std::filesystem::path& file) {
  const std::string bytes = read_bytes(file);
  std::vector<std::string> records;
  for (size_t at = 0; at < bytes.size();) {
    const auto length = number_at<uint64_t>(bytes, at);
    CHECK(number_at<uint32_t>(bytes, at + 8) == masked_checksum(bytes.substr(at, 8)));
    records.push_back(bytes.substr(at + 12, length));
    CHECK(number_at<uint32_t>(bytes, at + 12 + length) == masked_checksum(records.back()));
    at += 16 + length;
  }
  return records;
}

void write_some_events(const std::filesystem::path& file, int64_t steps) {
  EventWriter writer(file, 1000.5);
  writer.text("config", 0, "    seed: 1", 1000.5);
  for (int64_t step = 1; step <= steps; ++step) writer.scalar("train/loss", step, 1.0 / static_cast<double>(step), 1000.5 + step);
}

}  // namespace

TEST_CASE("the masked checksum of the tests is that of the published CRC-32C example") {
  CHECK(masked_checksum("123456789") == ((0xE3069283u >> 15 | 0xE3069283u << 17) + 0xA282EAD8u));
}

TEST_CASE("an event file is a sequence of records with valid checksums, of which the first names the version") {
  TemporaryDirectory directory;
  write_some_events(directory / "events", 300);
  const auto records = records_in(directory / "events");
  REQUIRE(records.size() == 302);
  CHECK(records[0].find("brain.Event:2") != std::string::npos);
  CHECK(records[1].find("seed: 1") != std::string::npos);
  CHECK(records[301].find("train/loss") != std::string::npos);
}

TEST_CASE("equal calls give equal bytes, and more calls only append") {
  TemporaryDirectory directory;
  write_some_events(directory / "short", 10);
  write_some_events(directory / "long", 20);
  const std::string beginning = read_bytes(directory / "short");
  CHECK(read_bytes(directory / "long").substr(0, beginning.size()) == beginning);
  write_some_events(directory / "long", 10);  // an existing file is begun anew
  CHECK(read_bytes(directory / "long") == beginning);
}

TEST_CASE("what was flushed can be read while the writer goes on") {
  TemporaryDirectory directory;
  EventWriter writer(directory / "events", 0);
  CHECK(records_in(directory / "events").size() == 1);
  writer.scalar("loss", 1, 2.5, 1);
  writer.flush();
  CHECK(records_in(directory / "events").size() == 2);
}

TEST_CASE("event files are named so that TensorBoard finds them and orders them by time") {
  CHECK(event_file("runs/a/tensorboard", 1700000000) == "runs/a/tensorboard/events.out.tfevents.1700000000.sublayer");
  CHECK(event_file("d", 999).string() < event_file("d", 1000).string());
}

TEST_CASE("an event file that cannot be written is named with the reason") {
  TemporaryDirectory directory;
  const std::string missing = (directory / "missing" / "events").string();
  CHECK(message_of<std::system_error>([&] { EventWriter(missing, 0); }) == "cannot write '" + missing + "': No such file or directory");
}

TEST_CASE("a disk that is full is reported by flush") {
  if (!std::filesystem::exists("/dev/full")) return;
  CHECK(message_of<std::system_error>([] { EventWriter("/dev/full", 0); }) == "cannot write '/dev/full': No space left on device");
}

// The other half of tests/interop/test_tensorboard.py.
TEST_CASE("(writes an event file for TensorBoard to read)", "[.interop_tensorboard]") {
  const char* directory = std::getenv("SUBLAYER_TEST_DIRECTORY");
  if (directory == nullptr) return;
  EventWriter writer(event_file(directory, 1700000000), 1700000000.25);
  writer.text("config", 0, "# caf\xc3\xa9\n\n    seed: 1\n", 1700000000.5);
  for (int64_t step : {int64_t{0}, int64_t{1}, int64_t{127}, int64_t{128}, int64_t{300}, int64_t{1} << 40}) {
    writer.scalar("train/loss", step, 1.5 * static_cast<double>(step), 1700000001.0 + static_cast<double>(step));
  }
  writer.scalar("valid/bleu", 300, 31.25, 1700000301.0);
  writer.scalar("odd", 1, std::numeric_limits<double>::quiet_NaN(), 1700000001.0);
  writer.scalar("odd", 2, -std::numeric_limits<double>::infinity(), 1700000002.0);
  writer.scalar("odd", 3, 1e-30, 1700000003.0);
}

}  // namespace sublayer::test

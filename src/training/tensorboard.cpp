#include "src/training/tensorboard.h"

#include <array>
#include <bit>
#include <cerrno>
#include <system_error>
#include <utility>

namespace sublayer::training {
namespace {

// CRC-32C (Castagnoli), as TFRecord files use it, bits reversed.
constexpr std::array<uint32_t, 256> crc32c_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0u);
    table[i] = crc;
  }
  return table;
}();

// TFRecord masks its checksums, lest data that contain checksums weaken them.
uint32_t masked_crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (const char byte : bytes) crc = crc32c_table[(crc ^ static_cast<uint8_t>(byte)) & 0xFF] ^ (crc >> 8);
  return std::rotr(~crc, 15) + 0xA282EAD8u;
}

template <class Number>
std::string little_endian(Number number) {
  static_assert(std::endian::native == std::endian::little);
  return {reinterpret_cast<const char*>(&number), sizeof(number)};
}

// A protocol buffers message that is built field by field; field numbers are those of TensorBoard's event.proto and summary.proto.
class ProtobufMessage {
 public:
  ProtobufMessage& add_integer(int field, int64_t value) {
    add_varint(tag_of(field, 0));
    add_varint(static_cast<uint64_t>(value));
    return *this;
  }
  ProtobufMessage& add_double(int field, double value) { return add_fixed(field, 1, value); }
  ProtobufMessage& add_float(int field, float value) { return add_fixed(field, 5, value); }
  ProtobufMessage& add_bytes(int field, std::string_view bytes) {
    add_varint(tag_of(field, 2));
    add_varint(bytes.size());
    bytes_ += bytes;
    return *this;
  }
  ProtobufMessage& add_message(int field, const ProtobufMessage& message) { return add_bytes(field, message.bytes()); }
  const std::string& bytes() const { return bytes_; }

 private:
  static uint64_t tag_of(int field, int wire_type) { return static_cast<uint64_t>(field << 3 | wire_type); }

  template <class Number>
  ProtobufMessage& add_fixed(int field, int wire_type, Number value) {
    add_varint(tag_of(field, wire_type));
    bytes_ += little_endian(value);
    return *this;
  }

  void add_varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(0x80 | (value & 0x7F));
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

// SummaryMetadata: which plugin shows a value, and what its data are (1: scalars, 2: tensors).
ProtobufMessage summary_metadata(std::string_view plugin, int data_class) {
  return ProtobufMessage().add_message(1, ProtobufMessage().add_bytes(1, plugin)).add_integer(4, data_class);
}

// An Event with one Summary.Value.
std::string summary_event(int64_t step, double wall_time, const ProtobufMessage& value) {
  return ProtobufMessage().add_double(1, wall_time).add_integer(2, step).add_message(5, ProtobufMessage().add_message(1, value)).bytes();
}

}  // namespace

std::filesystem::path event_file(const std::filesystem::path& directory, int64_t start_seconds) {
  std::string seconds = std::to_string(start_seconds);
  seconds.insert(0, seconds.size() < 10 ? 10 - seconds.size() : 0, '0');
  return directory / ("events.out.tfevents." + seconds + ".sublayer");
}

EventWriter::EventWriter(std::filesystem::path file, double start_time)
    : file_(std::move(file)), stream_(file_, std::ios::binary | std::ios::trunc) {
  write_record(ProtobufMessage().add_double(1, start_time).add_bytes(3, "brain.Event:2").bytes());
  flush();
}

void EventWriter::scalar(std::string_view tag, int64_t step, double value, double wall_time) {
  ProtobufMessage summary_value;
  summary_value.add_bytes(1, tag).add_float(2, static_cast<float>(value)).add_message(9, summary_metadata("scalars", 1));
  write_record(summary_event(step, wall_time, summary_value));
}

void EventWriter::text(std::string_view tag, int64_t step, std::string_view markdown, double wall_time) {
  ProtobufMessage tensor;  // TensorProto: dtype DT_STRING, a shape without dimensions, one string
  tensor.add_integer(1, 7).add_message(2, ProtobufMessage()).add_bytes(8, markdown);
  ProtobufMessage summary_value;
  summary_value.add_bytes(1, tag).add_message(8, tensor).add_message(9, summary_metadata("text", 2));
  write_record(summary_event(step, wall_time, summary_value));
}

void EventWriter::flush() {
  stream_.flush();
  if (!stream_) throw std::system_error(errno ? errno : EIO, std::generic_category(), "cannot write '" + file_.string() + "'");
}

void EventWriter::write_record(std::string_view event) {
  const std::string length = little_endian(uint64_t{event.size()});
  stream_ << length << little_endian(masked_crc32c(length)) << event << little_endian(masked_crc32c(event));
}

}  // namespace sublayer::training

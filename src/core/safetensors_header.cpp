#include "src/core/safetensors_header.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "src/core/errors.h"
#include "src/core/hash.h"

namespace sublayer {
namespace {

using nlohmann::json;

constexpr std::string_view data_hash_key = "xxh3";
constexpr std::string_view header_hash_key = "xxh3_header";
constexpr std::string_view header_hash_prefix = R"({"__metadata__":{"xxh3_header":")";  // the header's own hash stands at a fixed place
constexpr size_t hash_size = 16;
constexpr size_t data_alignment = 64;

constexpr std::array<std::pair<std::string_view, c10::ScalarType>, 12> dtype_names = {{
    {"F64", c10::ScalarType::Double},
    {"F32", c10::ScalarType::Float},
    {"F16", c10::ScalarType::Half},
    {"BF16", c10::ScalarType::BFloat16},
    {"I64", c10::ScalarType::Long},
    {"I32", c10::ScalarType::Int},
    {"I16", c10::ScalarType::Short},
    {"U32", c10::ScalarType::UInt32},
    {"U16", c10::ScalarType::UInt16},
    {"I8", c10::ScalarType::Char},
    {"U8", c10::ScalarType::Byte},
    {"BOOL", c10::ScalarType::Bool},
}};

std::string in_json(std::string_view text) { return json(text).dump(-1, ' ', true); }

// A name from a file as it may stand in a one-line message.
std::string in_quotes(std::string_view name) {
  constexpr size_t longest = 200;
  std::string text = json(name.substr(0, longest)).dump(-1, ' ', true, json::error_handler_t::replace);
  text = text.substr(1, text.size() - 2);
  return "'" + text + (name.size() > longest ? "..." : "") + "'";
}

std::string hash_of_header(std::string text) {
  text.replace(header_hash_prefix.size(), hash_size, hash_size, '0');
  return hash_bytes(text);
}

std::string_view name_of_dtype(c10::ScalarType dtype) {
  for (const auto& [name, known] : dtype_names) {
    if (known == dtype) return name;
  }
  TORCH_CHECK(false, "a safetensors file cannot hold tensors of type ", dtype);
}

class HeaderParser {
 public:
  HeaderParser(std::string_view text, uint64_t data_size, const std::string& file) : text_(text), data_size_(data_size), file_(file) {}

  SafetensorsHeader parse() {
    if (text_.empty() || text_.front() != '{') fail("the header is not a JSON object: damaged, or not a safetensors file");
    const json root = parse_json();
    if (root.contains("__metadata__")) parse_metadata(root["__metadata__"]);
    check_header_hash();
    for (const auto& [name, fields] : root.items()) {
      if (name != "__metadata__") header_.entries.push_back(parse_entry(name, fields));
    }
    check_offsets();
    return std::move(header_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw DataError(file_ + ": " + what); }

  [[noreturn]] void fail_about(std::string_view name, const std::string& what) const { fail(tensor_in_message(name) + ": " + what); }

  // nlohmann::json keeps the last of several equal keys: they are looked for on the way.
  json parse_json() const {
    constexpr int deepest = 8;
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, json::parse_event_t event, json& value) {
      if (depth > deepest) fail("the header is nested too deeply");
      if (event == json::parse_event_t::object_start) keys.emplace_back();
      if (event == json::parse_event_t::object_end) keys.pop_back();
      if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
        fail("the header names " + in_quotes(value.get<std::string>()) + " twice");
      }
      return true;
    };
    const size_t zero = text_.find('\0');  // would end the text for nlohmann::json
    if (zero != std::string_view::npos) fail_to_parse(zero + 1);
    try {
      return json::parse(text_, watch);
    } catch (const json::parse_error& error) {
      fail_to_parse(error.byte);
    } catch (const json::out_of_range&) {
      fail("the header holds a number that is too large: damaged, or not a safetensors file");
    }
  }

  [[noreturn]] void fail_to_parse(size_t byte) const {
    fail("the header is not valid JSON at byte " + std::to_string(byte) + ": damaged, or not a safetensors file");
  }

  void parse_metadata(const json& metadata) {
    if (!metadata.is_object()) fail("__metadata__ is not a JSON object");
    for (const auto& [key, value] : metadata.items()) {
      if (!value.is_string()) fail("__metadata__: the value of " + in_quotes(key) + " is not a string");
      header_.metadata[key] = value;
    }
  }

  std::optional<std::string> take_metadata(std::string_view key) {
    auto node = header_.metadata.extract(std::string(key));
    if (node.empty()) return std::nullopt;
    return node.mapped();
  }

  void check_header_hash() {
    const auto data_hash = take_metadata(data_hash_key);
    const auto header_hash = take_metadata(header_hash_key);
    if (!data_hash && !header_hash) return;
    const bool is_in_place = text_.substr(0, header_hash_prefix.size()) == header_hash_prefix;
    if (!data_hash || !header_hash || !is_in_place || *header_hash != hash_of_header(std::string(text_))) {
      fail("altered or damaged: checksum differs (header)");
    }
    header_.data_hash = *data_hash;
  }

  SafetensorsEntry parse_entry(const std::string& name, const json& fields) const {
    if (!fields.is_object()) fail_about(name, "its description is not a JSON object");
    for (const auto& [key, value] : fields.items()) {
      if (key != "dtype" && key != "shape" && key != "data_offsets") fail_about(name, "unknown key " + in_quotes(key));
    }
    SafetensorsEntry entry;
    entry.name = name;
    entry.dtype = parse_dtype(name, fields);
    const auto shape = parse_numbers(name, fields, "shape");
    entry.shape.assign(shape.begin(), shape.end());
    const auto offsets = parse_numbers(name, fields, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1]) fail_about(name, "data_offsets must be [begin, end]");
    entry.begin = offsets[0];
    entry.end = offsets[1];
    const uint64_t size = size_in_bytes(entry);
    if (entry.end - entry.begin != size) {
      fail_about(
          name, "its shape and dtype take " + std::to_string(size) + " bytes, its data_offsets " + std::to_string(entry.end - entry.begin));
    }
    if (entry.end > data_size_) {
      fail_about(name, "ends at byte " + std::to_string(entry.end) + " of the data, but the file holds " + std::to_string(data_size_) +
                           ": truncated");
    }
    return entry;
  }

  c10::ScalarType parse_dtype(const std::string& name, const json& fields) const {
    const auto found = fields.find("dtype");
    if (found == fields.end() || !found->is_string()) fail_about(name, "dtype is missing or not a string");
    const auto given = found->get<std::string>();
    for (const auto& [known, dtype] : dtype_names) {
      if (given == known) return dtype;
    }
    fail_about(name, "dtype " + in_quotes(given) + " is not supported");
  }

  // Non-negative integers that fit int64_t.
  std::vector<uint64_t> parse_numbers(const std::string& name, const json& fields, const std::string& key) const {
    const auto found = fields.find(key);
    const auto is_number = [](const json& value) {
      return value.is_number_unsigned() && value.get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()};
    };
    if (found == fields.end() || !found->is_array() || !std::all_of(found->begin(), found->end(), is_number)) {
      fail_about(name, key + " is missing or not a list of integers from 0 to 2^63 - 1");
    }
    return found->get<std::vector<uint64_t>>();
  }

  // Checked against overflow also where a size of 0 hides it, since strides are computed without it.
  uint64_t size_in_bytes(const SafetensorsEntry& entry) const {
    uint64_t size = c10::elementSize(entry.dtype);
    for (const int64_t n : entry.shape) {
      const auto factor = static_cast<uint64_t>(std::max<int64_t>(n, 1));
      if (size > uint64_t{std::numeric_limits<int64_t>::max()} / factor) fail_about(entry.name, "the product of its shape is too large");
      size *= factor;
    }
    return std::count(entry.shape.begin(), entry.shape.end(), 0) > 0 ? 0 : size;
  }

  // Sorts the entries by their place; they must cover the data without gap or overlap.
  void check_offsets() {
    auto& entries = header_.entries;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    uint64_t covered = 0;
    for (const auto& entry : entries) {
      if (entry.begin < covered) fail_about(entry.name, "its data overlap those of another tensor");
      if (entry.begin > covered) fail_about(entry.name, "bytes " + gap(covered, entry.begin) + " before it belong to no tensor");
      covered = entry.end;
    }
    if (covered < data_size_) fail("trailing bytes: " + gap(covered, data_size_) + " of the data belong to no tensor");
  }

  static std::string gap(uint64_t begin, uint64_t end) { return std::to_string(begin) + " to " + std::to_string(end); }

  std::string_view text_;
  uint64_t data_size_;
  const std::string& file_;
  SafetensorsHeader header_;
};

}  // namespace

std::string format_safetensors_header(const SafetensorsHeader& header) {
  std::string text(header_hash_prefix);
  text += std::string(hash_size, '0') + "\"," + in_json(data_hash_key) + ":" + in_json(header.data_hash);
  for (const auto& [key, value] : header.metadata) text += "," + in_json(key) + ":" + in_json(value);
  text += "}";
  for (const auto& entry : header.entries) {
    text += "," + in_json(entry.name) + R"(:{"dtype":)" + in_json(name_of_dtype(entry.dtype)) + R"(,"shape":)" + json(entry.shape).dump() +
            R"(,"data_offsets":)" + json({entry.begin, entry.end}).dump() + "}";
  }
  text += "}";
  const size_t start = sizeof(uint64_t) + text.size();
  text.append((data_alignment - start % data_alignment) % data_alignment, ' ');
  text.replace(header_hash_prefix.size(), hash_size, hash_of_header(text));
  return text;
}

SafetensorsHeader parse_safetensors_header(std::string_view text, uint64_t data_size, const std::string& file) {
  return HeaderParser(text, data_size, file).parse();
}

std::string tensor_in_message(std::string_view name) { return "tensor " + in_quotes(name); }

}  // namespace sublayer

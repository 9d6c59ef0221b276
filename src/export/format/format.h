#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>

#include "models/model.h"
#include "src/core/config/choice.h"

namespace sublayer::format {

// What an exported file is made of. Extra files ("config.yaml", "tokenizer.model") travel inside it, by name.
struct ExportInput {
  Seq2SeqModel& model;
  VocabularySizes sizes;
  std::map<std::string, std::string> extra_files;
};

// A file of a trained model that other programs load without Sublayer.
class Format {
 public:
  static constexpr const char* kind = "format";
  static constexpr const char* kind_documentation = "a file that other programs load";
  using Arguments = std::tuple<>;

  virtual ~Format() = default;

  virtual std::string default_name() const = 0;  // of the file, where nobody names one

  // Throws a ConfigError that lists all that the format has no words for.
  virtual void check(const ExportInput& input) const = 0;

  // Checks, writes and compares what the file does with what the live model does. At `output` stands the whole verified file or what
  // stood there before.
  virtual void write(const ExportInput& input, const std::filesystem::path& output) const = 0;
};

}  // namespace sublayer::format

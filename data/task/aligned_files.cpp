#include "data/task/aligned_files.h"

#include <algorithm>
#include <string_view>

#include "src/core/errors.h"
#include "src/core/line_reader.h"
#include "src/core/utf8.h"

namespace sublayer::task {
namespace {

// Nothing but white space, that of other scripts included: no tokenizer makes a token of it.
bool is_blank(std::string_view text) {
  constexpr std::u32string_view spaces = U"\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff";
  while (!text.empty()) {
    const auto sequence = first_utf8_sequence(text);
    const char32_t c = sequence.code_point;
    if (spaces.find(c) == std::u32string_view::npos && (c < 0x2000 || c > 0x200b)) return false;
    text.remove_prefix(sequence.length);
  }
  return true;
}

bool next_valid_line(LineReader& reader, std::string& line) {
  if (!reader.next(line)) return false;
  if (const auto offset = first_invalid_utf8(line)) reader.fail("invalid UTF-8 (byte " + std::to_string(*offset + 1) + " of the line)");
  return true;
}

// Lets pairs through and drops those that teach nothing.
class PairFilter {
 public:
  explicit PairFilter(const std::function<void(Example)>& take) : take_(take) {}
  void add(std::string source, std::string target) {
    if (is_blank(source) || is_blank(target)) {
      ++blank_;
    } else {
      take_({std::move(source), std::move(target)});
    }
  }
  Dropped dropped() const { return blank_ > 0 ? Dropped{{"empty side", blank_}} : Dropped(); }

 private:
  const std::function<void(Example)>& take_;
  int64_t blank_ = 0;
};

void read_two_files(const config::Path& source_file, const config::Path& target_file, PairFilter& pairs) {
  LineReader source_reader(source_file.value), target_reader(target_file.value);
  std::string source, target;
  for (;;) {
    const bool has_source = next_valid_line(source_reader, source), has_target = next_valid_line(target_reader, target);
    if (!has_source && !has_target) return;
    if (has_source != has_target) break;
    pairs.add(source, target);
  }
  while (source_reader.next(source)) {
  }
  while (target_reader.next(target)) {
  }
  throw DataError(source_file.string() + " has " + std::to_string(source_reader.line_number()) + " lines, " + target_file.string() +
                  " has " + std::to_string(target_reader.line_number()) +
                  ": aligned files hold one sentence of each pair in the same line");
}

std::string join_columns(const std::vector<std::string_view>& columns, const std::vector<int64_t>& wanted, const std::string& separator,
                         const LineReader& reader) {
  std::string text;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] > static_cast<int64_t>(columns.size())) {
      reader.fail("column " + std::to_string(wanted[i]) + " is missing: the line has " + std::to_string(columns.size()));
    }
    if (i > 0) text += separator;
    text += columns[wanted[i] - 1];
  }
  return text;
}

void read_table(const config::Path& file, const AlignedFiles& options, PairFilter& pairs) {
  LineReader reader(file.value);
  std::vector<std::string_view> columns;
  for (std::string line; next_valid_line(reader, line);) {
    if (line.empty()) {  // a table ends with one now and then
      pairs.add("", "");
      continue;
    }
    columns.clear();
    std::string_view rest = line;
    for (size_t tab = rest.find('\t'); tab != std::string_view::npos; tab = rest.find('\t')) {
      columns.push_back(rest.substr(0, tab));
      rest.remove_prefix(tab + 1);
    }
    columns.push_back(rest);
    pairs.add(join_columns(columns, options.source_columns, options.column_separator, reader),
              join_columns(columns, options.target_columns, options.column_separator, reader));
  }
}

void check_columns(config::Checker& c, const std::vector<int64_t>& columns, bool is_read, const std::vector<int64_t>& by_default,
                   const char* name) {
  c.require(is_read || columns == by_default, name, "is read with `files` only");
  c.require(!columns.empty(), name, "must name a column");
  c.require(std::all_of(columns.begin(), columns.end(), [](int64_t column) { return column > 0; }), name, "columns are counted from 1");
}

}  // namespace

void AlignedFiles::fields(config::Fields& v) {
  v("source", source, "files of source sentences, one a line; .gz is read as it is", config::Mark::run_time);
  v("target", target, "files of their translations, line by line in the same order", config::Mark::run_time);
  v("files", files, "instead of source and target: tables with tab-separated columns", config::Mark::run_time);
  v("source_columns", source_columns, "columns of `files`, from 1, that make up the source")
      .otherwise("[2]", "{source: [], target: [], files: [pairs.tsv]}");
  v("target_columns", target_columns, "columns of `files`, from 1, that make up the target")
      .otherwise("[1]", "{source: [], target: [], files: [pairs.tsv]}");
  v("column_separator", column_separator, "between the columns of one side")
      .otherwise("/", "{source: [], target: [], files: [pairs.tsv], source_columns: [1, 2]}");
}

void AlignedFiles::check(config::Checker& c) const {
  c.require(source.empty() || files.empty(), "files", "excludes source and target");
  c.require(
      source.size() == target.size(), "target",
      "must list one file for each of source: source has " + std::to_string(source.size()) + ", target " + std::to_string(target.size()));
  check_columns(c, source_columns, !files.empty(), AlignedFiles().source_columns, "source_columns");
  check_columns(c, target_columns, !files.empty(), AlignedFiles().target_columns, "target_columns");
}

void AlignedFiles::require_existing(const std::string& key, const std::string& origin) const {
  const auto require = [&](const std::vector<config::Path>& paths, const char* name) {
    for (const auto& path : paths) {
      if (std::filesystem::exists(path.value)) continue;
      throw DataError(key + "." + name + ": there is no file " + path.string() + (origin.empty() ? "" : ". Where to get it: " + origin));
    }
  };
  require(source, "source");
  require(target, "target");
  require(files, "files");
}

Dropped AlignedFiles::stream(const std::function<void(Example)>& take) const {
  PairFilter pairs(take);
  for (size_t i = 0; i < source.size(); ++i) read_two_files(source[i], target[i], pairs);
  for (const auto& file : files) read_table(file, *this, pairs);
  return pairs.dropped();
}

}  // namespace sublayer::task

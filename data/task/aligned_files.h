#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/task/task.h"
#include "src/core/config/fields.h"

namespace sublayer::task {

// Files that hold sentence pairs, plain or .gz: two lists of files aligned line by line, or tables with tab-separated columns.
struct AlignedFiles : config::Options {
  std::vector<config::Path> source, target;
  std::vector<config::Path> files;
  std::vector<int64_t> source_columns = {1}, target_columns = {2};
  std::string column_separator = " ";
  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
  bool empty() const { return source.empty() && files.empty(); }

  // DataError where a file is missing, naming the key it stands under and `origin`, where such data are to be had.
  void require_existing(const std::string& key, const std::string& origin) const;
  // Every pair in file order, without those with a blank side, which are counted. DataError with file and line for what cannot be read.
  Dropped stream(const std::function<void(Example)>& take) const;
};

}  // namespace sublayer::task

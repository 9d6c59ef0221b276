#pragma once

#include "src/experiment/findings.h"

#include <string>
#include <vector>

namespace sublayer::experiment::reporting {

// A table as plain text, which each format escapes and sets in its own way.
struct TextTable {
  enum class Kind { text, number, verdict };
  struct Column {
    std::string title;
    Kind kind = Kind::text;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // as wide as `columns`

  // Columns that are empty or a dash in every row are dropped.
  void drop_empty_columns();
};

TextTable result_table(const Findings& findings);       // a row per arm
TextTable probability_table(const Findings& findings);  // a row per comparison: what stands behind the verdict
TextTable item_table(const Findings& findings);         // a row per test over items; descriptive
TextTable run_table(const Findings& findings);          // a row per run

std::string html_table(const TextTable& table, const std::string& label);
std::string markdown_table(const TextTable& table);
std::string latex_tabular(const TextTable& table);
std::string terminal_table(const TextTable& table);  // columns aligned by what a terminal shows

}  // namespace sublayer::experiment::reporting

// Runs the tests. It knows Catch2's own arguments and --folder NAME: the cases written in files of tests/NAME (not below it).
// Hidden cases are left out.
#define CATCH_CONFIG_RUNNER  // Catch2 version 2: this unit holds the runner
#include "tests/support/catch.h"

#include <ATen/Parallel.h>

#include <filesystem>
#include <iostream>
#include <string>

namespace {

#if __has_include(<catch2/catch_all.hpp>)
using Catch::Clara::Opt;
const Catch::TestCaseInfo& info(const Catch::TestCaseHandle& test) { return test.getTestCaseInfo(); }
#else
using Catch::clara::Opt;
const Catch::TestCaseInfo& info(const Catch::TestCase& test) { return test; }
#endif

// The name as a pattern that matches it alone.
std::string escaped(const std::string& name) {
  std::string pattern;
  for (char c : name) {
    if (std::string(",[]\"\\~").find(c) != std::string::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

// Turns --folder into a list of test names, the only choice that Catch2 offers.
void select_folder(Catch::Session& session, const std::string& folder) {
  auto& patterns = session.configData().testsOrTags;
  const std::string wanted = "/tests/" + folder;  // the end of a path: a compiler cache may make its beginning relative
  for (const auto& test : Catch::getAllTestCasesSorted(session.config())) {
    const std::string stands_in = std::filesystem::path(info(test).lineInfo.file).parent_path().string();
    if (info(test).isHidden() || !stands_in.ends_with(wanted)) continue;
    if (!patterns.empty()) patterns.push_back(",");  // or; patterns without a comma must match all at once
    patterns.push_back(escaped(info(test).name));
  }
  if (patterns.empty()) patterns.push_back("(no test stands in tests/" + folder + ")");
  session.useConfigData(Catch::ConfigData(session.configData()));  // config() above was made without the patterns
}

}  // namespace

int main(int argc, char* argv[]) {
  at::set_num_threads(1);  // as in training: results must not depend on the number of cores, and ctest runs several folders at a time

  Catch::Session session;
  std::string folder;
  session.cli(session.cli() | Opt(folder, "name")["--folder"]("run the cases of one folder of tests"));
  if (const int status = session.applyCommandLine(argc, argv); status != 0) return status;
  if (!folder.empty()) {
    if (!session.configData().testsOrTags.empty()) {
      std::cerr << "--folder and a test name exclude each other\n";
      return 2;
    }
    select_folder(session, folder);
  }
  return session.run();
}

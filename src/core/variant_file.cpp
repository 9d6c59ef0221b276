#include "src/core/variant_file.h"

#include <cxxabi.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/fingerprint.h"
#include "src/core/hash.h"
#include "src/core/shared_object.h"

namespace sublayer {
namespace {

constexpr const char* how_to_build = "build it with sublayer_add_variant, see CONTRIBUTING.md";

std::vector<VariantFile>& variant_files() {
  static std::vector<VariantFile> files;
  return files;
}

[[noreturn]] void refuse(const std::string& given, const std::string& why) { throw UserError("--load " + given + ": " + why); }

void check_before_loading(const std::string& given, const std::string& bytes, const std::string& hash) {
  for (const auto& other : variant_files()) {
    if (other.hash == hash) refuse(given, "given twice: it is the same file as " + other.given);
  }
  if (!is_shared_object(bytes)) refuse(given, std::string("no shared object for this machine; ") + how_to_build);
  const auto section = find_section(bytes, SUBLAYER_FINGERPRINT_SECTION);
  if (!section) refuse(given, std::string("no variant of Sublayer; ") + how_to_build);
  const std::string theirs(section->substr(0, section->find('\0')));
  if (const auto differences = fingerprint_differences(theirs, fingerprint); !differences.empty())
    refuse(given, "built for another program than this one: " + differences +
                      ". Build it again with the headers and the LibTorch of this program, see CONTRIBUTING.md");
}

// What the loader of shared objects says, without the file's name and with the symbol as it stands in the source.
std::string loading_failure(const std::filesystem::path& path) {
  std::string text = dlerror();
  if (text.starts_with(path.string() + ": ")) text.erase(0, path.string().size() + 2);
  const std::string marker = "undefined symbol: ";
  if (!text.starts_with(marker)) return "cannot be loaded: " + text;
  std::string symbol = text.substr(marker.size());
  symbol.resize(std::min(symbol.find_first_of(" ,("), symbol.size()));
  const std::unique_ptr<char, decltype(&std::free)> demangled(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, nullptr), &std::free);
  return "needs what neither it nor the program has: " + (demangled ? std::string(demangled.get()) : symbol);
}

bool holds(const std::vector<VariantName>& variants, const VariantName& variant) {
  return std::find(variants.begin(), variants.end(), variant) != variants.end();
}

void check_registrations(const std::string& given, const RegistrationWatch& watch) {
  if (watch.added.empty() && watch.taken.empty()) refuse(given, "registers no variant; SUBLAYER_REGISTER is the last line of one");
  if (watch.taken.empty()) return;
  const auto& variant = watch.taken.front();
  std::string owner = holds(watch.added, variant) ? "this file" : "the program";
  for (const auto& file : variant_files()) {
    if (holds(file.variants, variant)) owner = file.given;
  }
  refuse(given, variant.kind + " '" + variant.name + "' is registered by " + owner + " already; give it another name");
}

}  // namespace

void load_variant_file(const std::string& given) {
  const auto path = std::filesystem::weakly_canonical(given);  // one file, whatever links lead to it
  const std::string bytes = read_file(path);
  const std::string hash = hash_bytes(bytes);
  check_before_loading(given, bytes, hash);
  RegistrationWatch watch;
  if (!dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) refuse(given, loading_failure(path));
  check_registrations(given, watch);
  variant_files().push_back({given, path, hash, std::move(watch.added)});
}

const std::vector<VariantFile>& loaded_variant_files() { return variant_files(); }

}  // namespace sublayer

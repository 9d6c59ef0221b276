#include "src/core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include "src/core/errors.h"
#include "src/core/fault_point.h"

namespace sublayer {
namespace {

namespace fs = std::filesystem;

constexpr size_t piece_size = size_t{1} << 20;

[[noreturn]] void fail_to(const std::string& action, const fs::path& path, int error) {
  throw std::system_error(error, std::generic_category(), "cannot " + action + " '" + path.string() + "'");
}

[[noreturn]] void fail_to_read(const fs::path& file, int error) {
  throw DataError(file.string() + ": cannot read: " + std::generic_category().message(error));
}

fs::path parent_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

fs::path with_suffix(const fs::path& path, const std::string& suffix) { return fs::path(path).concat(suffix); }

fs::path without_trailing_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

void sync_path(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail_to("sync", path, errno);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error != 0 && error != EINVAL) fail_to("sync", path, error);  // EINVAL: a file system without syncing of directories
}

void sync_tree(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    const auto status = entry.symlink_status();
    if (fs::is_directory(status)) sync_tree(entry.path());
    if (fs::is_regular_file(status)) sync_path(entry.path());
  }
  sync_path(directory);
}

void rename_path(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) fail_to("rename '" + from.string() + "' to", to, errno);
}

void delete_tree(const fs::path& directory) {
  std::vector<fs::directory_entry> entries(fs::directory_iterator(directory), fs::directory_iterator{});
  std::sort(entries.begin(), entries.end());
  for (const auto& entry : entries) {
    if (fs::is_directory(entry.symlink_status())) {
      delete_tree(entry.path());
    } else {
      fs::remove(entry.path());
      fault_point("files.delete");
    }
  }
  fs::remove(directory);
}

}  // namespace

InputFile::InputFile(fs::path file) : file_(std::move(file)), stream_(std::fopen(file_.c_str(), "rbe")) {
  if (!stream_) fail_to_read(file_, errno);
}

uint64_t InputFile::size() const {
  struct stat status {};
  if (::fstat(::fileno(stream_.get()), &status) != 0) fail_to_read(file_, errno);
  return static_cast<uint64_t>(status.st_size);
}

size_t InputFile::read(void* buffer, size_t size) {
  const size_t count = std::fread(buffer, 1, size, stream_.get());
  if (count < size && std::ferror(stream_.get())) fail_to_read(file_, errno);
  return count;
}

std::string read_file(const fs::path& file) {
  InputFile input(file);
  std::string bytes(input.size() + 1, '\0');
  size_t count = 0;
  while (const size_t more = input.read(bytes.data() + count, bytes.size() - count)) {
    count += more;
    if (count == bytes.size()) bytes.resize(count + piece_size);  // a file that grew, or one that does not know its size
  }
  bytes.resize(count);
  return bytes;
}

DurableFile::DurableFile(fs::path file) : file_(std::move(file)) {
  static std::atomic<int64_t> serial{0};
  partial_ = with_suffix(file_, "." + std::to_string(::getpid()) + "-" + std::to_string(serial++) + ".partial");
  descriptor_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_to("write", file_, errno);
}

DurableFile::~DurableFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!partial_.empty()) ::unlink(partial_.c_str());
}

void DurableFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    fault_point("files.write");
    const ssize_t count = ::write(descriptor_, bytes.data(), std::min(bytes.size(), piece_size));
    if (count < 0 && errno != EINTR) fail_to("write", file_, errno);
    if (count > 0) bytes.remove_prefix(static_cast<size_t>(count));
  }
}

void DurableFile::commit() {
  if (::fsync(descriptor_) != 0) fail_to("sync", file_, errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_to("write", file_, errno);
  fault_point("files.rename");
  rename_path(partial_, file_);
  partial_.clear();
  fault_point("files.renamed");
  sync_path(parent_of(file_));
}

void write_file_durably(const fs::path& file, std::string_view bytes) {
  DurableFile output(file);
  output.append(bytes);
  output.commit();
}

DurableDirectory::DurableDirectory(const fs::path& directory)
    : directory_(without_trailing_slash(directory)), partial_(with_suffix(directory_, ".partial")) {
  if (fs::exists(fs::symlink_status(directory_))) throw UserError(directory_.string() + ": already exists");
  fs::remove_all(partial_);
  fs::create_directory(partial_);
}

DurableDirectory::~DurableDirectory() {
  std::error_code ignored;
  if (!is_committed_) fs::remove_all(partial_, ignored);
}

void DurableDirectory::commit() {
  sync_tree(partial_);
  fault_point("files.commit");
  rename_path(partial_, directory_);
  is_committed_ = true;
  fault_point("files.committed");
  sync_path(parent_of(directory_));
}

void remove_directory_durably(const fs::path& directory) {
  const fs::path present = without_trailing_slash(directory);
  const fs::path trash = with_suffix(present, ".trash");
  fs::remove_all(trash);
  rename_path(present, trash);
  fault_point("files.prune");
  sync_path(parent_of(present));
  delete_tree(trash);
}

std::vector<fs::path> sweep_leftovers(const fs::path& parent) {
  std::vector<fs::path> removed;
  if (!fs::exists(parent)) return removed;
  for (const auto& entry : fs::directory_iterator(parent)) {
    const auto extension = entry.path().extension();
    if (extension == ".partial" || extension == ".trash") removed.push_back(entry.path());
  }
  std::sort(removed.begin(), removed.end());
  for (const auto& path : removed) fs::remove_all(path);
  return removed;
}

}  // namespace sublayer

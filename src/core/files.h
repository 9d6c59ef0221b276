#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sublayer {

// Files that survive a killed process or a stopped machine. Failures to read are DataErrors that begin with the file's name, failures to
// write are std::system_errors that name it. The fault points on the way, in order: for a file files.write (before each piece),
// files.rename (synced, not renamed), files.renamed (directory not synced); for a directory files.commit (all synced, not renamed),
// files.committed; for a removal files.prune (renamed, nothing deleted) and files.delete (after each deleted entry).

// A file read from front to back.
class InputFile {
 public:
  explicit InputFile(std::filesystem::path file);
  uint64_t size() const;
  size_t read(void* buffer, size_t size);  // less than `size` only at the end of the file

 private:
  struct Close {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
  };
  std::filesystem::path file_;
  std::unique_ptr<std::FILE, Close> stream_;
};

std::string read_file(const std::filesystem::path& file);

// A file that grows under a temporary name in the same directory and takes its own name with commit(): at any instant others see the
// old file or the whole new one. Destroyed before commit(), it leaves nothing behind.
class DurableFile {
 public:
  explicit DurableFile(std::filesystem::path file);
  ~DurableFile();
  DurableFile(const DurableFile&) = delete;
  DurableFile& operator=(const DurableFile&) = delete;

  void append(std::string_view bytes);
  void commit();

 private:
  std::filesystem::path file_;
  std::filesystem::path partial_;
  int descriptor_ = -1;
};

void write_file_durably(const std::filesystem::path& file, std::string_view bytes);

// A directory that is filled as `<name>.partial` and takes its name, with everything in it synced, at commit(). A `.partial` of an earlier
// process is replaced; an existing `<name>` is a UserError. Destroyed before commit(), it leaves nothing behind.
class DurableDirectory {
 public:
  explicit DurableDirectory(const std::filesystem::path& directory);
  ~DurableDirectory();
  DurableDirectory(const DurableDirectory&) = delete;
  DurableDirectory& operator=(const DurableDirectory&) = delete;

  const std::filesystem::path& path() const { return partial_; }  // write the files here, by whatever means
  void commit();

 private:
  std::filesystem::path directory_;
  std::filesystem::path partial_;
  bool is_committed_ = false;
};

// Renames to `<name>.trash` and deletes that: no half-deleted directory ever stands under the real name.
void remove_directory_durably(const std::filesystem::path& directory);

// Deletes the `*.partial` and `*.trash` entries that a killed process left in `parent`, and says which. Call it only while no other
// process writes there.
std::vector<std::filesystem::path> sweep_leftovers(const std::filesystem::path& parent);

}  // namespace sublayer

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sublayer::experiment {

// A program that runs beside this one, in a process group of its own, and dies with it.
class ChildProcess {
 public:
  // Its output is appended to `log`.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept : process_(other.process_) { other.process_ = -1; }
  ChildProcess& operator=(ChildProcess&&) = delete;

  void terminate() const;  // asks it to end (SIGTERM)

  // How it ended: the exit status, or minus the signal that killed it. Nothing while it runs.
  std::optional<int> status();

 private:
  pid_t process_ = -1;
};

}  // namespace sublayer::experiment

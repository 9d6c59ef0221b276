#pragma once

#include <string>
#include <vector>

namespace sublayer::conformance {

// An exception to a property that a variant declares, and why.
struct DeclaredException {
  std::string what, reason;
};

// What a check found.
class Findings {
 public:
  // `failure` says what to look at; the first few of a check are enough for anybody.
  void require(bool holds, const std::string& failure) {
    if (!holds && failures_.size() < most_) failures_.push_back(failure);
  }
  void except(const std::string& what, const std::string& reason) { exceptions_.push_back({what, reason}); }
  const std::vector<std::string>& failures() const { return failures_; }
  const std::vector<DeclaredException>& exceptions() const { return exceptions_; }

 private:
  static constexpr size_t most_ = 5;
  std::vector<std::string> failures_;
  std::vector<DeclaredException> exceptions_;
};

}  // namespace sublayer::conformance

#pragma once

#include <string>

namespace sublayer::test {

// The text of the error that `action` throws; where it throws none, a text that no error has. Other errors pass through and fail the test.
template <class Error, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

}  // namespace sublayer::test

#pragma once

#include <stdexcept>

namespace sublayer {

// What a user can mend: bad configuration, bad data, bad arguments. The program prints one line and exits with 2.
class UserError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class ConfigError : public UserError {
  using UserError::UserError;
};

class DataError : public UserError {
  using UserError::UserError;
};

// A training whose loss or gradient is no longer finite. The program exits with 3.
class Diverged : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace sublayer

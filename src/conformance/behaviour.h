#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "src/core/config/node.h"

namespace sublayer::conformance {

// What can be seen of a variant from outside: what it makes of a few fixed inputs, as words and numbers.
struct Behaviour {
  std::vector<std::string> words;
  std::vector<double> numbers;

  void add(const at::Tensor& values);
  template <class... Parts>
  void say(const Parts&... parts) {
    (words.push_back(text_of(parts)), ...);
  }

 private:
  static std::string text_of(const std::string& text) { return text; }
  static std::string text_of(int64_t number) { return std::to_string(number); }
};

// Whether two behaviours are the same but for rounding.
bool are_alike(const Behaviour& a, const Behaviour& b);

// Of a variant with its options, as they stand in a config.
using Observe = std::function<Behaviour(const config::Node& options)>;
using Observers = std::map<std::string, Observe>;  // by kind

Observers model_observers();
Observers training_observers();
Observers decoding_observers();
Observers data_observers();

// Empty for a kind that nobody here knows.
Observe observer_of(const std::string& kind);

}  // namespace sublayer::conformance

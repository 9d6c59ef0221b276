#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sublayer::test {

// Sentences without markup in several scripts, in the form that normalisation leaves alone (single spaces, composed characters).
inline const std::vector<std::string>& sample_sentences() {
  static const std::vector<std::string> sentences = [] {
    const std::vector<std::string> subjects = {"the small dog", "a young girl", "ein alter Mann", "Frau M\xc3\xbcller", "my neighbour"};
    const std::vector<std::string> verbs = {"sees",
                                            "jumps over",
                                            "liest",
                                            "verkauft",
                                            "photographs",
                                            "\xc3\xbc"
                                            "berholt"};
    const std::vector<std::string> objects = {
        "a house .", "the red ball .", "einen Brief .", "two horses , one cow .", "\xe4\xb8\xad\xe6\x96\x87\xe4\xb9\xa6", "nothing"};
    std::vector<std::string> all;
    for (const auto& subject : subjects) {
      for (const auto& verb : verbs) {
        for (const auto& object : objects) all.push_back(subject + " " + verb + " " + object);
      }
    }
    return all;
  }();
  return sentences;
}

inline std::vector<std::string_view> views_of(const std::vector<std::string>& sentences) { return {sentences.begin(), sentences.end()}; }

}  // namespace sublayer::test

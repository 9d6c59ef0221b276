#include "src/conformance/sample_text.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include "src/core/noise.h"
#include "src/core/scratch_directory.h"

namespace sublayer::conformance {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Word by word.
const std::vector<std::string>& source_words() {
  static const auto words = words_of(
      "the small young old dog girl man woman horse neighbour teacher farmer river bridge garden window kitchen letter picture mountain "
      "sees reads writes sells carries paints crosses follows remembers forgets opens closes between behind above without quickly slowly "
      "yesterday tomorrow always never twenty hundred Monday Friday Anna Peter red green yellow quiet heavy bright");
  return words;
}
const std::vector<std::string>& target_words() {
  static const auto words = words_of(
      "der kleine junge alte Hund M\xc3\xa4"
      "dchen Mann Frau Pferd Nachbar Lehrer Bauer Fluss Br\xc3\xbc"
      "cke Garten Fenster K\xc3\xbc"
      "che Brief Bild Berg sieht liest schreibt verkauft tr\xc3\xa4gt malt \xc3\xbc"
      "berquert folgt erinnert vergisst \xc3\xb6"
      "ffnet schlie\xc3\x9ft zwischen hinter \xc3\xbc"
      "ber ohne schnell langsam gestern morgen immer nie zwanzig hundert Montag Freitag Anna Peter rot gr\xc3\xbcn gelb leise schwer hell");
  return words;
}

struct Folder : ScratchDirectory {
  Folder() {
    std::ofstream source(path() / "source.txt"), target(path() / "target.txt"), pairs(path() / "pairs.tsv");
    for (const auto& example : sample_corpus().examples) {
      source << example.source << '\n';
      target << example.target << '\n';
      pairs << example.source << '\t' << example.target << '\n';
    }
  }
};

task::Corpus make_corpus() {
  task::Corpus corpus;
  for (uint64_t i = 0; i < 240; ++i) {
    const Noise noise = Noise(1)("sample_text")(i);
    task::Example example;
    for (uint64_t word = 0; word < 3 + i % 5; ++word) {
      const auto index = noise.below(source_words().size(), word);
      const std::string space = word > 0 ? " " : "";
      example.source += space + source_words()[index];
      example.target += space + target_words()[index];
    }
    corpus.examples.push_back(std::move(example));
  }
  // A ligature and full-width letters, which normalisation takes apart, and a script that stands in one sentence alone.
  corpus.examples.push_back({"the \xef\xac\x81rst \xef\xbc\xa1\xef\xbc\xa2 of two", "\xe4\xb8\xad\xe6\x96\x87\xe4\xb9\xa6"});
  return corpus;
}

}  // namespace

const task::Corpus& sample_corpus() {
  static const task::Corpus corpus = make_corpus();
  return corpus;
}

const std::filesystem::path& sample_folder() {
  static const Folder folder;
  return folder.path();
}

}  // namespace sublayer::conformance

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "src/app/command.h"
#include "src/app/run_arguments.h"
#include "src/app/usage.h"
#include "src/core/errors.h"
#include "src/core/utf8.h"
#include "src/decoding/decoder.h"

namespace sublayer::app {
namespace {

struct TranslateArguments {
  RunArguments run;
  int64_t n_best = 1, batch_lines = 1024;
  bool with_scores = false;
};

// Lines of standard input, in portions: as many as are there without waiting, at least one, at most a limit.
class Lines {
 public:
  std::vector<std::string> next(size_t limit) {
    std::vector<std::string> lines;
    while (lines.size() < limit) {
      const auto end = buffer_.find('\n', start_);
      if (end != std::string::npos) {
        lines.push_back(line(end));
        start_ = end + 1;
        continue;
      }
      if (is_at_end_) {
        if (start_ < buffer_.size()) lines.push_back(line(buffer_.size()));
        start_ = buffer_.size();
        break;
      }
      if (!lines.empty() && !is_readable()) break;
      fill();
    }
    return lines;
  }

 private:
  std::string line(size_t end) {
    std::string text = buffer_.substr(start_, end - start_);
    if (!text.empty() && text.back() == '\r') text.pop_back();
    ++number_;
    if (const auto byte = first_invalid_utf8(text)) {
      throw DataError("standard input:" + std::to_string(number_) + ": invalid UTF-8 (byte " + std::to_string(*byte + 1) + " of the line)");
    }
    return text;
  }

  static bool is_readable() {
    pollfd request{STDIN_FILENO, POLLIN, 0};
    return ::poll(&request, 1, 0) > 0;
  }

  void fill() {
    buffer_.erase(0, start_);
    start_ = 0;
    char bytes[1 << 16];
    ssize_t count;
    do count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    while (count < 0 && errno == EINTR);
    if (count < 0) throw std::system_error(errno, std::generic_category(), "standard input");
    is_at_end_ = count == 0;
    buffer_.append(bytes, static_cast<size_t>(count));
  }

  std::string buffer_;
  size_t start_ = 0;
  int64_t number_ = 0;
  bool is_at_end_ = false;
};

void run(const TranslateArguments& given) {
  auto arguments = given.run;
  if (given.n_best > 1) arguments.overrides.push_back("search.n_best=" + std::to_string(given.n_best));
  const auto run = arguments.open();
  const auto search = run.config.search.build();
  const PackedWeights weights(*run.model, search->precision());
  const auto settings = experiment::batch_settings(run.config, *run.model);
  Lines input;
  for (auto lines = input.next(given.batch_lines); !lines.empty(); lines = input.next(given.batch_lines)) {
    for (const auto& hypotheses :
         decoding::decode_all(*run.model, experiment::encode_sources(run.tokenizers, lines), *search, settings, weights)) {
      for (const auto& hypothesis : hypotheses) {
        if (given.with_scores || given.n_best > 1) std::printf("%.6f\t", hypothesis.score);
        std::printf("%s\n", run.tokenizers.target->decode(hypothesis.ids).c_str());
        if (given.n_best <= 1) break;
      }
      if (given.n_best > 1) std::printf("\n");
    }
    std::fflush(stdout);
  }
}

}  // namespace

void add_translate(CLI::App& program) {
  auto* command = program.add_subcommand("translate", "Translate standard input, a sentence a line");
  auto given = std::make_shared<TranslateArguments>();
  given->run.add_to(*command);
  command->add_option("--n-best", given->n_best, "hypotheses a line, each with its score, an empty line after them; needs a beam as wide")
      ->capture_default_str()
      ->check(at_least(1));
  command->add_flag("--scores", given->with_scores, "print each hypothesis's score and a tab before it");
  command
      ->add_option("--batch-lines", given->batch_lines,
                   "lines translated together at most; what was read is answered before more is waited for")
      ->capture_default_str()
      ->check(at_least(1));
  command->footer("Example: echo 'A man is sleeping.' | sublayer translate runs/multi30k_en_de --set search.beam_size=4");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app

#pragma once

#include <cstdint>
#include <string>

namespace sublayer::training {

// What a person sees of a training: on a terminal a bar that is drawn again in place, elsewhere plain lines.
class Progress {
 public:
  struct Report {
    int64_t update, epoch;
    double loss, learning_rate, tokens_per_second;
    double done;          // share of the training, 0..1; below 0: unknown
    double seconds_left;  // below 0: unknown
    bool is_record;       // a plain line is due
  };

  Progress();
  void report(const Report& report);
  void line(const std::string& text);  // stays
  void finish();

 private:
  bool is_terminal_;
  double last_drawn_ = 0;
  bool has_bar_ = false;
};

// "1:02:03" or "2:03".
std::string clock_text(double seconds);

}  // namespace sublayer::training

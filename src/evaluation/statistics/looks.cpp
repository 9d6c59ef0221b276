#include "src/evaluation/statistics/looks.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace sublayer::statistics {

double look_level(double level, double spend, int64_t look) {
  if (!(level > 0 && level < 1)) throw std::invalid_argument("a level lies between 0 and 1, not " + std::to_string(level));
  if (!(spend > 0 && spend <= 1)) throw std::invalid_argument("the share a look spends lies between 0 and 1, not " + std::to_string(spend));
  if (look < 1) throw std::invalid_argument("looks are counted from 1, not " + std::to_string(look));
  if (spend == 1 && look > 1)
    throw std::invalid_argument("the first look has spent the whole level: look " + std::to_string(look) + " has none");
  return level * spend * std::pow(1 - spend, static_cast<double>(look - 1));
}

}  // namespace sublayer::statistics

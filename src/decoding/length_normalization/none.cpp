#include "src/decoding/length_normalization/length_normalization.h"

namespace sublayer::length_normalization {
namespace {

// log p: the most probable sequence wins, which prefers short ones.
class None final : public LengthNormalization {
 public:
  struct Options : config::Options {};
  explicit None(const Options&) {}
  double score(double log_probability, int64_t) const override { return log_probability; }
};

SUBLAYER_REGISTER(LengthNormalization, None, "none", "the log-probability as it is");

}  // namespace
}  // namespace sublayer::length_normalization

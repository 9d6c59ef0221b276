#include "models/position/position.h"

namespace sublayer::position {
namespace {

// Order is known from the causal mask alone (Haviv et al. 2022); the encoder sees a bag of tokens.
class None final : public Position {
 public:
  struct Options : PositionOptions {};
  None(const Options&, int64_t) {}
};

SUBLAYER_REGISTER(Position, None, "none", "nothing is added");

}  // namespace
}  // namespace sublayer::position

#include "models/norm/norm.h"

#include "src/conformance/small_model.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer {

TEST_CASE("norms in bfloat16 round their result and nothing on the way to it") {
  const auto x = conformance::random_tensor(Noise(1), {500, 64}).to(at::kBFloat16);
  for (const char* name : {"layer_norm", "rms_norm", "scale_norm"}) {
    INFO(name);
    const auto norm = test::choice_of<norm::Norm>(name).build(64);
    for (const auto& parameter : all_parameters(*norm)) {
      const auto values = 1 + 0.1 * conformance::random_tensor(Noise(2)(parameter.name), parameter.tensor.sizes());
      parameter.tensor.detach().copy_(values.to(at::kBFloat16));
    }
    const auto expected = norm->forward(x.to(at::kFloat));
    norm->to(at::kBFloat16);
    const auto given = norm->forward(x);
    REQUIRE(given.scalar_type() == at::kBFloat16);
    // Half a unit of the last of 8 bits, and what rounding of float leaves where numbers cancel.
    CHECK((given.to(at::kFloat) - expected).abs().le(0x1p-8 * expected.abs() + 1e-6).all().item<bool>());
  }
}

}  // namespace sublayer

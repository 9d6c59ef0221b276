#include "src/conformance/same_gradients.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace sublayer::conformance {

void require_same(const Seq2SeqModel& model, const std::string& what, const std::vector<at::Tensor>& given,
                  const std::vector<at::Tensor>& expected, const std::string& how, Findings& findings) {
  const auto parameters = all_parameters(model);
  double largest = 0;  // of all gradients: some are zero but for what rounding leaves of sums
  for (size_t i = 1; i < expected.size(); ++i) {
    if (expected[i].defined()) largest = std::max(largest, expected[i].abs().max().item<double>());
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    const std::string name = i == 0 ? what : "the gradient of " + parameters[i - 1].name;
    findings.require(expected[i].defined() == given[i].defined(), name + how + ": there is one where there was none, or none");
    if (!expected[i].defined() || !given[i].defined()) continue;
    const double scale = expected[i].abs().max().item<double>();
    findings.require(given[i].to(expected[i].device()).allclose(expected[i], 1e-3, 1e-4 * scale + 1e-6 * largest),
                     name + how + ": off by more than rounding");
  }
}

}  // namespace sublayer::conformance

#include "src/bench/matrix_rate.h"

#include <ATen/ATen.h>

#include <map>

#include "models/kernels/linear.h"
#include "src/bench/median.h"
#include "src/core/clock.h"

namespace sublayer::bench {
namespace {

// y = x W^T, and of its gradient g: g W and g^T x.
class Products {
 public:
  Products(at::ScalarType type, int64_t rows, int64_t outputs, int64_t inputs, int64_t uses)
      : x_(at::ones({rows, inputs}, type)),
        weight_(at::ones({outputs, inputs}, type)),
        gradient_(at::ones({rows, outputs}, type)),
        uses_(uses) {}

  // Returns the number of operations.
  double multiply() {
    for (int64_t use = 0; use < uses_; ++use) {
      kernels::product(x_, weight_);
      kernels::product(gradient_, weight_.t());
      at::mm(gradient_.t(), x_);
    }
    return 6.0 * static_cast<double>(uses_ * x_.size(0) * weight_.numel());
  }

 private:
  at::Tensor x_, weight_, gradient_;
  int64_t uses_;
};

}  // namespace

double matrix_rate(const std::vector<experiment::WeightUse>& weights, at::ScalarType type, int64_t rows, WorkerPool& pool, int64_t repeats,
                   double seconds) {
  std::map<std::pair<int64_t, int64_t>, int64_t> shapes;  // outputs and inputs -> uses
  for (const auto& [weight, uses] : weights) shapes[{weight.size(0), weight.numel() / weight.size(0)}] += uses;
  std::vector<double> rates;
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    std::vector<double> of_workers(pool.size());
    pool.run(pool.size(), [&](int64_t, int64_t index) {
      std::vector<Products> list;
      for (const auto& [shape, uses] : shapes) list.emplace_back(type, rows, shape.first, shape.second, uses);
      for (auto& products : list) products.multiply();  // not timed: touches all memory for the first time
      double operations = 0;
      const double start = steady_seconds();
      while (steady_seconds() - start < seconds) {
        for (auto& products : list) operations += products.multiply();
      }
      of_workers[index] = operations / (steady_seconds() - start);
    });
    double sum = 0;
    for (const double rate : of_workers) sum += rate;
    rates.push_back(sum);
  }
  return median(rates);
}

}  // namespace sublayer::bench

#pragma once

#include "models/module.h"
#include "src/core/config/choice.h"
#include "src/core/noise.h"

namespace sublayer::initializer {

// Gives a parameter its first values, by role and shape. Values come from a stream named by the parameter's path.
class Initializer {
 public:
  static constexpr const char* kind = "initializer";
  static constexpr const char* kind_documentation = "first values of parameters";
  using Arguments = std::tuple<>;

  virtual ~Initializer() = default;

  // What a parameter's module states (gains 1, biases 0, ...); embeddings and positions N(0, d_model^-0.5); matrices [outputs, inputs] as
  // the variant says.
  virtual void fill(const ParameterSpec& parameter, const Noise& noise) const;

 protected:
  virtual void fill_matrix(at::Tensor& matrix, const ParameterSpec& parameter, const Noise& noise) const = 0;
};

void fill_normal(at::Tensor& tensor, double mean, double deviation, const Noise& noise);
void fill_uniform(at::Tensor& tensor, double low, double high, const Noise& noise);

// Fills every parameter below `root`.
void initialize(const Module& root, const Initializer& initializer, const Noise& noise);

}  // namespace sublayer::initializer

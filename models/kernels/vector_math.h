#pragma once

#include <bit>
#include <cstdint>

#include "models/kernels/vector.h"

// Elementary functions of float without branches and tables, so that a loop over them is vectorised; errors of about 2e-7.
namespace sublayer::kernels {

// e^x = 2^n e^r with r in +-ln(2) / 2, and a Taylor polynomial for e^r. Below -87 it is 0, above 88 infinite, and NaN stays NaN.
SUBLAYER_INLINE float exponential(float x) {
  constexpr float log2_e = 1.44269504F, ln2_high = 0.693359375F, ln2_low = -2.12194440e-4F, magic = 12582912.0F;  // 1.5 * 2^23 rounds
  const float clamped = x < -87.0F ? -87.0F : x > 88.5F ? 88.5F : x;
  const float shifted = clamped * log2_e + magic, n = shifted - magic;
  const float r = (clamped - n * ln2_high) - n * ln2_low;
  const float polynomial =
      1 + r * (1 + r * (0.5F + r * (1.66666667e-1F + r * (4.16666667e-2F + r * (8.33333333e-3F + r * 1.38888889e-3F)))));
  const int32_t exponent = std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(magic);
  // In two steps: 2^n itself is no float for n = 128.
  const float half = std::bit_cast<float>((exponent / 2 + 127) << 23), rest = std::bit_cast<float>((exponent - exponent / 2 + 127) << 23);
  const float value = polynomial * half * rest;
  return x < -87.0F ? 0.0F : x > 88.5F ? value * 1e30F : value + x * 0;
}

SUBLAYER_INLINE float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

// Density and distribution function of the standard normal distribution; the latter after Abramowitz & Stegun 7.1.26.
SUBLAYER_INLINE float normal_density(float x) { return 0.3989422804F * exponential(-0.5F * x * x); }
SUBLAYER_INLINE float normal_distribution(float x) {
  const float z = (x < 0 ? -x : x) * 0.7071067812F;
  const float t = 1 / (1 + 0.3275911F * z);
  const float tail =
      0.5F * t * (0.254829592F + t * (-0.284496736F + t * (1.421413741F + t * (-1.453152027F + t * 1.061405429F)))) * exponential(-z * z);
  return x < 0 ? tail : 1 - tail;
}

}  // namespace sublayer::kernels

#pragma once

// Marks a function of plain loops that is compiled once for each level of vector instructions; the fastest that the machine has is called.
// Everything that such a function calls in its loops is `SUBLAYER_INLINE`, so that it is compiled along. Sanitizers are not ready yet when
// the choice is made, so with them there is one level.
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define SUBLAYER_VECTORIZED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SUBLAYER_VECTORIZED
#endif
#define SUBLAYER_ALWAYS_INLINE __attribute__((always_inline))
#define SUBLAYER_INLINE inline SUBLAYER_ALWAYS_INLINE

// Whether a file can have instructions that the compiler makes of no plain loop, beside the loops for processors that lack them.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SUBLAYER_HAS_X86_INSTRUCTIONS 1
#else
#define SUBLAYER_HAS_X86_INSTRUCTIONS 0
#endif

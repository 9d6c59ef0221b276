#pragma once

// Catch2, version 2 or 3. LibTorch's logging header defines a CHECK of its own: it is read first and its macro dropped, so that a test may
// include this file and LibTorch in any order and CHECK is always Catch2's.
#include <c10/util/Logging.h>
#undef CHECK

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

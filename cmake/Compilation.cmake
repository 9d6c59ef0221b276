# How sources are compiled, whatever they are: warnings, sanitizers, ccache, and how many compilers run at a time.

add_compile_options(-Wall -Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # false alarms about "literal" + std::string
endif()

set(SUBLAYER_SANITIZERS "" CACHE STRING "Sanitizers to build with, as in -fsanitize=, for example address,undefined")
if(SUBLAYER_SANITIZERS)
  # vptr would need type information that LibTorch keeps to itself. Instrumented, g++ 12's own library looks uninitialized to it.
  add_compile_options(-fsanitize=${SUBLAYER_SANITIZERS} -fno-sanitize=vptr -fno-omit-frame-pointer -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${SUBLAYER_SANITIZERS} -fno-sanitize=vptr)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# A unit that includes LibTorch takes up to 1.3 GB, a unity batch somewhat more: as many at a time as cores and memory allow.
cmake_host_system_information(RESULT SUBLAYER_CORES QUERY NUMBER_OF_LOGICAL_CORES)
cmake_host_system_information(RESULT SUBLAYER_MEMORY_MB QUERY TOTAL_PHYSICAL_MEMORY)
math(EXPR SUBLAYER_COMPILE_JOBS "${SUBLAYER_MEMORY_MB} / 2000")
if(SUBLAYER_COMPILE_JOBS GREATER SUBLAYER_CORES)
  set(SUBLAYER_COMPILE_JOBS ${SUBLAYER_CORES})
elseif(SUBLAYER_COMPILE_JOBS LESS 1)
  set(SUBLAYER_COMPILE_JOBS 1)
endif()
set_property(GLOBAL PROPERTY JOB_POOLS compile=${SUBLAYER_COMPILE_JOBS} link=1)
set(CMAKE_JOB_POOL_COMPILE compile)
set(CMAKE_JOB_POOL_LINK link)

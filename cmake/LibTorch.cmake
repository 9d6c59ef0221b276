# Finds LibTorch and defines the target sublayer_libtorch. In order: -DTorch_DIR=..., -DCMAKE_PREFIX_PATH=..., what SUBLAYER_LIBTORCH_HINT
# names (set in an installed package), the project's .venv.

set(SUBLAYER_OLDEST_LIBTORCH 2.11)

find_path(Torch_DIR TorchConfig.cmake HINTS ${CMAKE_PREFIX_PATH} ${SUBLAYER_LIBTORCH_HINT} PATH_SUFFIXES share/cmake/Torch Torch NO_DEFAULT_PATH
  DOC "Folder of TorchConfig.cmake")
if(NOT Torch_DIR AND EXISTS ${PROJECT_SOURCE_DIR}/.venv/bin/python)
  execute_process(
    COMMAND ${PROJECT_SOURCE_DIR}/.venv/bin/python -c "import torch.utils; print(torch.utils.cmake_prefix_path)"
    OUTPUT_VARIABLE venv_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(venv_torch)
    find_path(Torch_DIR TorchConfig.cmake HINTS ${venv_torch} PATH_SUFFIXES Torch NO_DEFAULT_PATH)
  endif()
endif()
if(NOT Torch_DIR OR NOT EXISTS ${Torch_DIR}/TorchConfigVersion.cmake)
  unset(Torch_DIR CACHE)
  message(FATAL_ERROR "LibTorch was not found. Name one that is installed, -DCMAKE_PREFIX_PATH=/path/to/libtorch, or run "
    "Sublayer's tools/setup.sh, which installs it into .venv")
endif()
include(${Torch_DIR}/TorchConfigVersion.cmake)  # sets PACKAGE_VERSION
if(PACKAGE_VERSION VERSION_LESS SUBLAYER_OLDEST_LIBTORCH)
  message(FATAL_ERROR "LibTorch ${PACKAGE_VERSION} in ${Torch_DIR} is too old: ${SUBLAYER_OLDEST_LIBTORCH} is needed.")
endif()

# The libraries are linked as they are, without find_package(Torch): for a CUDA build that demands a CUDA toolkit, and nothing here is CUDA
# code.
cmake_path(SET SUBLAYER_LIBTORCH_PREFIX NORMALIZE "${Torch_DIR}/../../..")
set(torch_lib ${SUBLAYER_LIBTORCH_PREFIX}lib)
set(torch_include ${SUBLAYER_LIBTORCH_PREFIX}include)
add_library(sublayer_libtorch INTERFACE)
target_include_directories(sublayer_libtorch SYSTEM INTERFACE ${torch_include} ${torch_include}/torch/csrc/api/include)
target_compile_definitions(sublayer_libtorch INTERFACE USE_DISTRIBUTED USE_C10D_GLOO)  # as the wheels are built; c10d headers ask for it
target_link_libraries(sublayer_libtorch INTERFACE ${torch_lib}/libtorch.so ${torch_lib}/libtorch_cpu.so ${torch_lib}/libc10.so)
set(SUBLAYER_LIBTORCH_BUILD CPU)
if(EXISTS ${torch_lib}/libtorch_cuda.so)
  # Nothing here refers to these by name: with --as-needed, some linkers' default, they would be dropped and no GPU would be found.
  # What they need themselves, CUDA's own libraries, is found at run time through their RPATH.
  target_link_libraries(sublayer_libtorch INTERFACE
    -Wl,--no-as-needed ${torch_lib}/libtorch_cuda.so ${torch_lib}/libc10_cuda.so -Wl,--as-needed -Wl,--allow-shlib-undefined)
  set(SUBLAYER_LIBTORCH_BUILD CUDA)
endif()
message(STATUS "LibTorch ${PACKAGE_VERSION}, ${SUBLAYER_LIBTORCH_BUILD} build: ${SUBLAYER_LIBTORCH_PREFIX}")

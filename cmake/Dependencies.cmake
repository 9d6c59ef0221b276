# Finds the libraries and gathers them, in link order, in the target sublayer_dependencies.

include(LibTorch)  # defines sublayer_libtorch
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(Threads REQUIRED)
find_package(Boost REQUIRED)  # headers only: Boost.Math

# sublayer_find_library(TARGET HEADER LIBRARY...): for libraries that install no CMake files.
function(sublayer_find_library target header)
  find_path(${target}_include_dir ${header} REQUIRED)
  add_library(${target} INTERFACE IMPORTED)
  target_include_directories(${target} SYSTEM INTERFACE ${${target}_include_dir})
  foreach(library IN LISTS ARGN)
    find_library(${target}_${library} ${library} REQUIRED)
    target_link_libraries(${target} INTERFACE ${${target}_${library}})
  endforeach()
endfunction()

sublayer_find_library(sublayer_sentencepiece sentencepiece_processor.h sentencepiece sentencepiece_train)
sublayer_find_library(sublayer_xxhash xxhash.h xxhash)

# The program's malloc (docs/architecture.md says what it is worth). Sanitizers bring their own.
if(NOT SUBLAYER_SANITIZERS)
  find_library(SUBLAYER_MALLOC tcmalloc_minimal REQUIRED)
endif()

# yaml-cpp renamed its target in 0.8.
set(yaml_cpp_target yaml-cpp)
if(TARGET yaml-cpp::yaml-cpp)
  set(yaml_cpp_target yaml-cpp::yaml-cpp)
endif()

add_library(sublayer_dependencies INTERFACE)
target_link_libraries(sublayer_dependencies INTERFACE
  # SentencePiece must stand before Torch. Both export FLAGS_minloglevel, in different sizes: in the other order the loader joins the two to
  # LibTorch's and SentencePiece's initialisation overwrites 32 bytes of LibTorch's data without a word (tests/system/test_structure.py).
  sublayer_sentencepiece
  sublayer_libtorch
  ${yaml_cpp_target} CLI11::CLI11 nlohmann_json::nlohmann_json ZLIB::ZLIB ICU::i18n ICU::uc sublayer_xxhash Boost::boost Threads::Threads ${CMAKE_DL_LIBS})

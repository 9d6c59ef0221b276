# Unity batches. LibTorch's headers cost a unit about 10 s, a file of ours less than 1 s on top of that: files compiled together share the
# headers. Eight folders of models/ took 93 s of CPU as one batch a folder and 18 s all in one. A batch should still be cheap to build again
# after a change, and there should be enough of them for the cores.
# Presets switch batches on or off through CMAKE_UNITY_BUILD; this file only says which files go together.

set(SUBLAYER_UNITY_BATCH_SIZE 16 CACHE STRING "Most files compiled together in a unity build")

# sublayer_unity_batches(FILE...): neighbouring folders of models, of data, or of one folder of src or tests share a batch. A batch ends
# when it is full, and also where a folder ends when it is half full, so that a new file rarely moves others into another batch.
function(sublayer_unity_batches)
  set(batch 0)
  set(count 0)
  set(previous_area "")
  set(previous_folder "")
  foreach(file IN LISTS ARGV)
    cmake_path(GET file PARENT_PATH folder)
    cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    # Kernels are compiled for wider instruction sets. Inline functions of a header that they share with other files would carry those
    # instructions into the whole program and crash it on older processors, so each kernel is a unit of its own.
    if(folder STREQUAL "models/kernels" OR file MATCHES "_kernel\\.cpp$")
      set_source_files_properties(${file} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      if(file MATCHES "rows\\.cpp$")
        # Plain loops that the compiler is to make vector instructions of, in every build: where they say so, sums may be regrouped. The
        # rules of errno and traps stand in its way and nobody relies on them; NaN and infinity stay what they are.
        set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "-O3;-fopenmp-simd;-fno-math-errno;-fno-trapping-math")
      endif()
      continue()
    endif()
    string(REGEX MATCH "^(models|data|[^/]+/[^/]+|[^/]+)" area ${folder})
    math(EXPR twice "2 * ${count}")
    if(NOT area STREQUAL previous_area)
      set(batch 0)
      set(count 0)
    elseif(count GREATER_EQUAL SUBLAYER_UNITY_BATCH_SIZE
        OR (twice GREATER_EQUAL SUBLAYER_UNITY_BATCH_SIZE AND NOT folder STREQUAL previous_folder))
      math(EXPR batch "${batch} + 1")
      set(count 0)
    endif()
    string(MAKE_C_IDENTIFIER ${area} group)
    set_source_files_properties(${file} PROPERTIES UNITY_GROUP ${group}_${batch})
    math(EXPR count "${count} + 1")
    set(previous_area ${area})
    set(previous_folder ${folder})
  endforeach()
endfunction()

# The headers that variants are written against: those of all folders with a kind in them, and of what these include.

set(SUBLAYER_HEADER_FOLDERS models data src/core src/training src/decoding src/evaluation src/export)

# sublayer_hash_headers(RESULT ROOT [FILES]): a hash over names and contents of the headers below ROOT; their paths in FILES.
function(sublayer_hash_headers result root)
  list(TRANSFORM SUBLAYER_HEADER_FOLDERS PREPEND ${root}/ OUTPUT_VARIABLE patterns)
  list(TRANSFORM patterns APPEND /*.h)
  file(GLOB_RECURSE files ${patterns})
  list(SORT files)
  set(all "")
  foreach(file IN LISTS files)
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${root} OUTPUT_VARIABLE name)
    file(SHA256 ${file} hash)
    string(APPEND all "${name} ${hash}\n")
  endforeach()
  string(SHA256 all "${all}")
  string(SUBSTRING ${all} 0 16 all)
  set(${result} ${all} PARENT_SCOPE)
  if(ARGC GREATER 2)
    set(${ARGV2} ${files} PARENT_SCOPE)
  endif()
endfunction()

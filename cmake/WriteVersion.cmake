# Script: writes version.cpp and fingerprint.cpp into OUTPUT_DIR, given SOURCE_DIR and VERSION.

include(${CMAKE_CURRENT_LIST_DIR}/Headers.cmake)

set(COMMIT unknown)
# No optional locks: a build must not get into the way of a git command that runs at the same time.
execute_process(
  COMMAND git --no-optional-locks describe --always --dirty --exclude=*
  WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE described RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(status EQUAL 0)
  set(COMMIT ${described})
endif()
sublayer_hash_headers(HEADERS ${SOURCE_DIR})
foreach(name version fingerprint)  # a file whose text did not change is left alone
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.cpp.in ${OUTPUT_DIR}/${name}.cpp @ONLY)
endforeach()

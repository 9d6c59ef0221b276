# Script: writes OUTPUT from version.cpp.in, given SOURCE_DIR and VERSION.

set(COMMIT unknown)
# No optional locks: a build must not get into the way of a git command that runs at the same time.
execute_process(
  COMMAND git --no-optional-locks describe --always --dirty --exclude=*
  WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE described RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(status EQUAL 0)
  set(COMMIT ${described})
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.cpp.in ${OUTPUT} @ONLY)  # leaves the file alone when nothing changed

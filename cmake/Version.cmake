# The functions of src/core/version.h and the text of src/core/fingerprint.h, generated at build time: the target sublayer_version looks at
# git and at the headers in each build and rewrites a file only when the answer changed, so that a commit costs one small unit and a link.

set(SUBLAYER_GENERATED ${PROJECT_BINARY_DIR}/generated)
set(SUBLAYER_VERSION_SOURCES ${SUBLAYER_GENERATED}/version.cpp ${SUBLAYER_GENERATED}/fingerprint.cpp)
add_custom_target(sublayer_version
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION} -DOUTPUT_DIR=${SUBLAYER_GENERATED}
    -P ${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake
  BYPRODUCTS ${SUBLAYER_VERSION_SOURCES}
  COMMENT "Looking up the git commit and the headers" VERBATIM)
set_source_files_properties(${SUBLAYER_VERSION_SOURCES} PROPERTIES GENERATED ON SKIP_UNITY_BUILD_INCLUSION ON)

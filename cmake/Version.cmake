# The functions of src/core/version.h, generated at build time: the target sublayer_version looks at git in each build and rewrites the
# file only when the answer changed, so that a commit costs one small unit and a link.

set(SUBLAYER_VERSION_SOURCE ${PROJECT_BINARY_DIR}/generated/version.cpp)
add_custom_target(sublayer_version
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION} -DOUTPUT=${SUBLAYER_VERSION_SOURCE}
    -P ${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake
  BYPRODUCTS ${SUBLAYER_VERSION_SOURCE}
  COMMENT "Looking up the git commit" VERBATIM)
set_source_files_properties(${SUBLAYER_VERSION_SOURCE} PROPERTIES GENERATED ON SKIP_UNITY_BUILD_INCLUSION ON)

# cmake --install BUILD --prefix DIR gives a tree that can be moved: the program, the configs to start from, and what a variant outside of the
# repository is built with (find_package(Sublayer)).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
include(Headers)

set_target_properties(sublayer PROPERTIES
  # First libraries shipped beside the program, then the LibTorch that it was linked to.
  INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};$ORIGIN/../lib;${SUBLAYER_LIBTORCH_PREFIX}lib")
install(TARGETS sublayer RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(folder configs experiments)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/sublayer PATTERN runs EXCLUDE)
  endif()
endforeach()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(headers ${CMAKE_INSTALL_INCLUDEDIR}/sublayer)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Sublayer)
# A header of an older version that stayed here would change the fingerprint of variants built against the installation.
install(CODE "file(REMOVE_RECURSE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${headers}\")")
foreach(folder IN LISTS SUBLAYER_HEADER_FOLDERS)
  install(DIRECTORY ${folder}/ DESTINATION ${headers}/${folder} FILES_MATCHING PATTERN *.h)
endforeach()
configure_package_config_file(cmake/SublayerConfig.cmake.in ${SUBLAYER_GENERATED}/SublayerConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS headers NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${SUBLAYER_GENERATED}/SublayerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${SUBLAYER_GENERATED}/SublayerConfig.cmake ${SUBLAYER_GENERATED}/SublayerConfigVersion.cmake
  cmake/Headers.cmake cmake/LibTorch.cmake cmake/fingerprint.cpp.in
  DESTINATION ${package})

# cmake --install BUILD --prefix DIR gives a tree that can be moved: the program, and the configs to start from.

include(GNUInstallDirs)
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

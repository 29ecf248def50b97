# What `cmake --install` gives: headers under include/xbus, the library, the programs, their manual pages, a file with each key
# of xbusd's configuration, a CMake package, a .pc file and the systemd units. tests/install builds a consumer against each.
include(CMakePackageConfigHelpers)

install(TARGETS xbus EXPORT xbusTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET xbus_shared)
  install(TARGETS xbus_shared EXPORT xbusTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
if(XBUS_PROGRAM_TARGETS)
  install(TARGETS ${XBUS_PROGRAM_TARGETS} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY bus rpc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xbus FILES_MATCHING PATTERN "*.hpp"
        PATTERN "public" EXCLUDE)
if(EXISTS ${CMAKE_SOURCE_DIR}/rpc/public/xbus)
  install(DIRECTORY rpc/public/xbus DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
endif()

foreach(folder ${XBUS_MAN_FOLDERS})
  foreach(section 1 5 8)
    install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} FILES_MATCHING PATTERN "*.${section}")
  endforeach()
endforeach()

if(TARGET xbusd)
  install(FILES ${CMAKE_BINARY_DIR}/xbusd.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/xbus)
endif()

if(TARGET xbus-cli)
  set(completion ${CMAKE_SOURCE_DIR}/services/xbus/completion)
  install(FILES ${completion}/xbus.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME xbus)
  install(FILES ${completion}/_xbus DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  install(FILES ${completion}/xbus.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/xbus)
install(EXPORT xbusTargets NAMESPACE xbus:: DESTINATION ${package})
configure_package_config_file(cmake/xbusConfig.cmake.in ${CMAKE_BINARY_DIR}/xbusConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/xbusConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/xbusConfig.cmake ${CMAKE_BINARY_DIR}/xbusConfigVersion.cmake DESTINATION ${package})

configure_file(cmake/xbus.pc.in ${CMAKE_BINARY_DIR}/xbus.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/xbus.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Units, and the users and folders that they name (systemd-sysusers, systemd-tmpfiles).
function(xbus_unit folder name)
  if(NOT TARGET ${name})
    return()
  endif()
  set(from ${CMAKE_SOURCE_DIR}/services/${folder}/${name})
  configure_file(${from}.service.in ${CMAKE_BINARY_DIR}/${name}.service @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.service DESTINATION lib/systemd/system)
  install(FILES ${from}.sysusers DESTINATION lib/sysusers.d RENAME ${name}.conf)
  if(EXISTS ${from}.tmpfiles)
    install(FILES ${from}.tmpfiles DESTINATION lib/tmpfiles.d RENAME ${name}.conf)
  endif()
endfunction()
xbus_unit(xbusd xbusd)
xbus_unit(agent xbus-agent)
xbus_unit(registry xbus-registry)

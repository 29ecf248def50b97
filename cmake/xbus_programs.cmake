# Every folder of services is one program, named by the table below; the libraries of the edges are seen here only.
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
pkg_check_modules(SYSTEMD IMPORTED_TARGET libsystemd)

set(XBUS_PROGRAM_TARGETS)
function(xbus_program folder name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/services/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  # The program's parts are a library, so that tests reach them; main.cpp is the wiring.
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(xbus_parts_${folder} STATIC ${sources})
    target_link_libraries(xbus_parts_${folder} PUBLIC xbus::xbus fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json
                                                    tomlplusplus::tomlplusplus CLI11::CLI11)
    target_compile_definitions(xbus_parts_${folder} PUBLIC XBUS_VERSION="${PROJECT_VERSION}")
    if(TARGET PkgConfig::SYSTEMD)
      target_link_libraries(xbus_parts_${folder} PRIVATE PkgConfig::SYSTEMD)
      target_compile_definitions(xbus_parts_${folder} PRIVATE XBUS_HAVE_SYSTEMD)
    endif()
  else()
    add_library(xbus_parts_${folder} INTERFACE)
    target_link_libraries(xbus_parts_${folder} INTERFACE xbus::xbus fmt::fmt spdlog::spdlog)
  endif()
  if(EXISTS ${CMAKE_SOURCE_DIR}/services/${folder}/main.cpp)
    add_executable(${name} ${CMAKE_SOURCE_DIR}/services/${folder}/main.cpp)
    target_link_libraries(${name} PRIVATE xbus_parts_${folder})
    set(XBUS_PROGRAM_TARGETS ${XBUS_PROGRAM_TARGETS} ${name} PARENT_SCOPE)
  endif()
endfunction()

# folder    program; the CLI's library target is "xbus", so its executable target is xbus-cli, its file xbus.
xbus_program(common xbus-common)
xbus_program(xbusd xbusd)
xbus_program(xbus xbus-cli)
xbus_program(agent xbus-agent)
xbus_program(registry xbus-registry)
if(TARGET xbus-cli)
  set_target_properties(xbus-cli PROPERTIES OUTPUT_NAME xbus)
  # It is started for each call, and binding the shared libprotobuf is a fifth of that (DECISIONS.md). The archive stands behind
  # libxbus.a, whose needs it meets; then nothing needs the shared one.
  find_library(XBUS_PROTOBUF_ARCHIVE NAMES libprotobuf.a)
  if(XBUS_PROTOBUF_ARCHIVE AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT XBUS_SANITIZE)
    find_package(ZLIB REQUIRED)
    target_link_libraries(xbus-cli PRIVATE xbus_parts_common xbus::xbus ${XBUS_PROTOBUF_ARCHIVE} ZLIB::ZLIB)
    target_link_options(xbus-cli PRIVATE LINKER:--as-needed)
  endif()
endif()
foreach(folder xbusd xbus agent registry)
  foreach(target xbus_parts_${folder})
    if(TARGET ${target} AND TARGET xbus_parts_common)
      get_target_property(type ${target} TYPE)
      if(type STREQUAL "INTERFACE_LIBRARY")
        target_link_libraries(${target} INTERFACE xbus_parts_common)
      else()
        target_link_libraries(${target} PUBLIC xbus_parts_common)
      endif()
    endif()
  endforeach()
endforeach()

# Manual pages: each program writes its own and those of its verbs, from what its command line says (CONTRIBUTING.md).
foreach(target xbus-cli xbusd xbus-agent xbus-registry)
  if(TARGET ${target})
    set(folder ${CMAKE_BINARY_DIR}/man/${target})
    add_custom_command(OUTPUT ${folder}.stamp
                       COMMAND ${CMAKE_COMMAND} -E rm -rf ${folder}
                       COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
                       COMMAND ${target} --man-pages ${folder}
                       COMMAND ${CMAKE_COMMAND} -E touch ${folder}.stamp
                       DEPENDS ${target} VERBATIM)
    add_custom_target(man_${target} ALL DEPENDS ${folder}.stamp)
    list(APPEND XBUS_MAN_FOLDERS ${folder})
  endif()
endforeach()

# The configuration file with every key as a comment, which packages install.
if(TARGET xbusd)
  set(config ${CMAKE_BINARY_DIR}/xbusd.toml)
  add_custom_command(OUTPUT ${config} COMMAND xbusd --print-config > ${config} DEPENDS xbusd VERBATIM)
  add_custom_target(config_xbusd ALL DEPENDS ${config})
endif()

# One library, libxbus: the rooms bus and rpc. A new file in a room is found by itself; which room may include
# which, and which folder may include which library, is held by tests/tidy.
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ICU 72 REQUIRED COMPONENTS uc)
find_package(SQLite3 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares)

file(GLOB_RECURSE XBUS_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bus/*.cpp ${CMAKE_SOURCE_DIR}/rpc/*.cpp)
add_library(xbus STATIC ${XBUS_SOURCES})
add_library(xbus::xbus ALIAS xbus)
target_include_directories(xbus PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}> $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/rpc/public>
                                       $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
                                       $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/xbus>)
target_compile_features(xbus PUBLIC cxx_std_20)
target_compile_definitions(xbus PRIVATE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED XBUS_VERSION="${PROJECT_VERSION}")
target_link_libraries(xbus PUBLIC Threads::Threads
                      PRIVATE OpenSSL::SSL OpenSSL::Crypto ICU::uc PkgConfig::IDN2 PkgConfig::CARES SQLite::SQLite3 protobuf::libprotobuf)
target_include_directories(xbus SYSTEM PRIVATE ${Boost_INCLUDE_DIRS})
target_precompile_headers(xbus PRIVATE <algorithm> <chrono> <functional> <map> <memory> <optional> <span> <string>
                          <string_view> <unordered_map> <utility> <variant> <vector>)

# The same objects as a shared library, for packages. Its ABI is named by the minor version while the major one is 0.
if(XBUS_SHARED)
  add_library(xbus_shared SHARED $<TARGET_OBJECTS:xbus>)
  add_library(xbus::shared ALIAS xbus_shared)
  set_target_properties(xbus_shared PROPERTIES OUTPUT_NAME xbus EXPORT_NAME shared VERSION ${PROJECT_VERSION}
                        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_include_directories(xbus_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
                                                   $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/xbus>)
  target_compile_features(xbus_shared PUBLIC cxx_std_20)
  target_link_libraries(xbus_shared PUBLIC Threads::Threads
                        PRIVATE OpenSSL::SSL OpenSSL::Crypto ICU::uc PkgConfig::IDN2 PkgConfig::CARES SQLite::SQLite3
                                protobuf::libprotobuf)
endif()

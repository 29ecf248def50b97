# The program's part without the program: what else it links is not built here.
find_package(tomlplusplus REQUIRED)
set(services ${CMAKE_SOURCE_DIR}/services)
target_sources(${name} PRIVATE ${services}/xbusd/addresses.cpp ${services}/xbusd/config.cpp ${services}/xbusd/config_checks.cpp
                               ${services}/xbusd/config_keys.cpp ${services}/common/key_shape.cpp
                               ${services}/common/man_page.cpp ${services}/common/similar.cpp ${services}/common/toml_file.cpp)
target_link_libraries(${name} PRIVATE tomlplusplus::tomlplusplus)

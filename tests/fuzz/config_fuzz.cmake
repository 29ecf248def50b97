# The program's part without the program: what else it links is not built here.
find_package(tomlplusplus REQUIRED)
target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/services/xbusd/config.cpp ${CMAKE_SOURCE_DIR}/services/common/toml_file.cpp)
target_link_libraries(${name} PRIVATE tomlplusplus::tomlplusplus)

# The program's parts without the program: what else it links is not built here.
find_package(nlohmann_json REQUIRED)
set(common ${CMAKE_SOURCE_DIR}/services/common)
target_sources(${name} PRIVATE ${common}/json_reader.cpp ${common}/json_writer.cpp ${common}/printable.cpp)
target_link_libraries(${name} PRIVATE nlohmann_json::nlohmann_json)

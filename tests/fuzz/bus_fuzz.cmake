find_package(EXPAT REQUIRED)
target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/bus_world.cpp)
target_link_libraries(${name} PRIVATE EXPAT::EXPAT)

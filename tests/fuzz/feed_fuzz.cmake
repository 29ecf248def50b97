# The adapter is no part of libxbus.
find_package(EXPAT REQUIRED)
file(GLOB adapter CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/adapters/atom/*.cpp)
target_sources(${name} PRIVATE ${adapter})
target_link_libraries(${name} PRIVATE EXPAT::EXPAT)

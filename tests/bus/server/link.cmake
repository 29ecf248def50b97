# The bus that plays run on; expat checks a receiver's whole stream.
find_package(EXPAT REQUIRED)
list(APPEND sources ${CMAKE_CURRENT_SOURCE_DIR}/bus/server/bus.cpp)
set(link EXPAT::EXPAT)

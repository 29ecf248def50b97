# The bus that plays over cut wires run on.
list(APPEND sources ${CMAKE_CURRENT_SOURCE_DIR}/bus/server/bus.cpp)
set(link protobuf::libprotobuf)

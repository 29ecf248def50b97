# What the tests of transports share.
add_library(test_net_parts STATIC ${CMAKE_CURRENT_LIST_DIR}/wires.cpp ${CMAKE_CURRENT_LIST_DIR}/certificates.cpp
            ${CMAKE_CURRENT_LIST_DIR}/dns_server.cpp)
target_link_libraries(test_net_parts PUBLIC xbus::xbus GTest::gtest)
target_include_directories(test_net_parts PUBLIC ${CMAKE_SOURCE_DIR})
set(link test_net_parts)

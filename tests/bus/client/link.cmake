# The server that clients are tried against, and the certificates of the transports' tests.
list(APPEND sources ${CMAKE_CURRENT_LIST_DIR}/test_server.cpp)
set(link test_net_parts)

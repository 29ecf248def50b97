list(APPEND sources ${CMAKE_CURRENT_SOURCE_DIR}/bus/xml/feed.cpp)

# Expat and Xerces-C are what the scanner is compared with; nothing outside the tests uses them.
find_package(EXPAT REQUIRED)
find_package(XercesC REQUIRED)
list(APPEND sources ${CMAKE_CURRENT_SOURCE_DIR}/bus/xml/feed.cpp
     ${CMAKE_CURRENT_SOURCE_DIR}/bus/xml/oracles.cpp)
set(link EXPAT::EXPAT XercesC::XercesC)

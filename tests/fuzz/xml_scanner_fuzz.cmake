find_package(EXPAT REQUIRED)
find_package(XercesC REQUIRED)
target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/bus/xml/oracles.cpp)
target_link_libraries(${name} PRIVATE EXPAT::EXPAT XercesC::XercesC)

# What brings other formats and protocols to the bus, as libraries of their own: only the programs that use one pay for it.
find_package(EXPAT REQUIRED)

file(GLOB XBUS_FEED_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/adapters/atom/*.cpp ${CMAKE_SOURCE_DIR}/adapters/http/*.cpp)
add_library(xbus_feeds STATIC ${XBUS_FEED_SOURCES})
target_link_libraries(xbus_feeds PUBLIC xbus::xbus PRIVATE EXPAT::EXPAT)
target_compile_definitions(xbus_feeds PRIVATE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_include_directories(xbus_feeds SYSTEM PRIVATE ${Boost_INCLUDE_DIRS})

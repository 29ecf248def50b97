# The foreign peers in C++, each on its library's own terms; none links xbus.
find_package(Qt5 REQUIRED COMPONENTS Core Network Xml)
pkg_check_modules(QXMPP REQUIRED IMPORTED_TARGET qxmpp)
pkg_check_modules(STROPHE REQUIRED IMPORTED_TARGET libstrophe)
pkg_check_modules(GLOOX REQUIRED IMPORTED_TARGET gloox)

function(xbus_peer name)
  add_executable(peer_${name} ${CMAKE_CURRENT_SOURCE_DIR}/interop/${name}_peer.cpp)
  target_include_directories(peer_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(peer_${name} PRIVATE ${ARGN})
endfunction()

xbus_peer(qxmpp PkgConfig::QXMPP Qt5::Core Qt5::Network Qt5::Xml)
set_target_properties(peer_qxmpp PROPERTIES AUTOMOC ON)
xbus_peer(strophe PkgConfig::STROPHE)
xbus_peer(gloox PkgConfig::GLOOX)

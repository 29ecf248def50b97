# libgsasl is the oracle of SCRAM.
find_package(PkgConfig REQUIRED)
pkg_check_modules(GSASL REQUIRED IMPORTED_TARGET libgsasl)
set(link PkgConfig::GSASL)
# The dialogues' harness.
list(APPEND sources ${CMAKE_CURRENT_LIST_DIR}/dialogue.cpp ${CMAKE_CURRENT_LIST_DIR}/stream_subjects.cpp)

# The program's part without the program.
target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/services/xbus/capture.cpp)

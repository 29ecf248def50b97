# tests/bench/*_bench.cpp are one Google Benchmark program, bench_core; `tests/run.sh --long` runs it.
find_package(benchmark REQUIRED)
find_package(EXPAT REQUIRED)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/bench/*_bench.cpp)
add_executable(bench_core ${sources})
target_include_directories(bench_core PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(bench_core PRIVATE xbus::xbus benchmark::benchmark benchmark::benchmark_main EXPAT::EXPAT)

# The comparison with other servers on its smallest run: that it works, not how fast anything is.
if(TARGET xbusd AND TARGET xbus-cli AND TARGET xbus-agent)
  xbus_script(bench_compare COMMAND ${XBUS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/bench/compare_test.py)
endif()

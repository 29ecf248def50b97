# Tests that are not gtest programs. All Python is the system's, with Debian packages only.
set(XBUS_PYTHON /usr/bin/python3)

function(xbus_script name)  # xbus_script(NAME COMMAND ... [TIMEOUT s] [LONG] [SERIAL])
  cmake_parse_arguments(arg "LONG;SERIAL" "TIMEOUT" "COMMAND" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(arg_LONG)  # only with `ctest -C Long`
    add_test(NAME ${name} COMMAND ${arg_COMMAND} CONFIGURATIONS Long)
    set_tests_properties(${name} PROPERTIES LABELS long)
  else()
    add_test(NAME ${name} COMMAND ${arg_COMMAND})
    set_tests_properties(${name} PROPERTIES LABELS script)
  endif()
  if(arg_SERIAL)  # it measures time, so nothing runs beside it
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT}
                       ENVIRONMENT "XBUS_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endfunction()

xbus_script(tidy COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/tidy/tidy.py)
xbus_script(tidy_self COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/tidy/self_test.py)

# The same plays on each server; tests/harness starts it. xbusd's own wait for the program.
foreach(server ejabberd prosody)
  xbus_script(harness_${server} COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/harness/harness_test.py --server ${server})
endforeach()

include(${CMAKE_CURRENT_SOURCE_DIR}/interop/peers.cmake)

# Foreign clients, callers and services: over a real server, which shows that the peers are right, and over xbusd.
set(interop_servers prosody)
if(TARGET xbusd)
  list(APPEND interop_servers xbusd)
endif()
foreach(server ${interop_servers})
  foreach(play clients calls)
    xbus_script(interop_${play}_${server}
                COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/interop/${play}_play.py --server ${server})
  endforeach()
endforeach()
if(TARGET xbusd)
  xbus_script(pubsub_slixmpp COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/interop/pubsub_play.py --server xbusd)
  xbus_script(pubsub_kill COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/plays_real/pubsub_kill_play.py)
  xbus_script(pubsub_kill_long LONG TIMEOUT 1800 COMMAND ${CMAKE_COMMAND} -E env KILLS=200
              ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/plays_real/pubsub_kill_play.py)
  xbus_script(harness_xbusd COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/harness/harness_test.py --server xbusd)
endif()
if(TARGET xbusd AND TARGET xbus-cli AND TARGET xbus-agent AND TARGET xbus-registry)
  xbus_script(install COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/install/install_test.py)
  xbus_script(tutorial TIMEOUT 600 COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/e2e/tutorial_test.py)
endif()

xbus_script(run_long COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/run_long_test.py)
xbus_script(packages LONG TIMEOUT 7200 COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/packages/packages_test.py)

# What README.md shows.
if(TARGET xbusd AND TARGET xbus-cli AND TARGET xbus-agent)
  xbus_script(readme COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/e2e/readme_test.py)
  xbus_script(examples COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/e2e/examples_test.py)
  xbus_script(examples_foreign COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/e2e/foreign_examples_test.py Debian)
  xbus_script(examples_npm COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/e2e/foreign_examples_test.py Npm)
  set_tests_properties(examples_npm PROPERTIES SKIP_RETURN_CODE 77)  # no npm registry in reach
endif()

# Services of our own on real servers.
if(TARGET xbusd AND TARGET xbus-cli AND TARGET xbus-agent AND TARGET xbus-registry)
  include(${CMAKE_CURRENT_SOURCE_DIR}/plays_real/programs.cmake)
  set(plays ${CMAKE_CURRENT_SOURCE_DIR}/plays_real)
  xbus_script(relay COMMAND ${XBUS_PYTHON} ${plays}/relay_play.py)
  foreach(server xbusd ejabberd prosody)
    xbus_script(agent_${server} COMMAND ${XBUS_PYTHON} ${plays}/agent_play.py --server ${server})
    xbus_script(load_${server} SERIAL COMMAND ${XBUS_PYTHON} ${plays}/load_play.py --server ${server})
    xbus_script(large_${server} COMMAND ${XBUS_PYTHON} ${plays}/large_play.py --server ${server})
    xbus_script(soak_${server} COMMAND ${XBUS_PYTHON} ${plays}/soak_play.py --server ${server})
    xbus_script(resume_${server} COMMAND ${XBUS_PYTHON} ${plays}/resume_play.py --server ${server} Resume)
    xbus_script(registry_${server} COMMAND ${XBUS_PYTHON} ${plays}/registry_play.py --server ${server} Orders.test_one)
    xbus_script(registry_orders_${server} LONG TIMEOUT 3000
                COMMAND ${XBUS_PYTHON} ${plays}/registry_play.py --server ${server} Orders.test_every_order)
    xbus_script(soak_long_${server} LONG TIMEOUT 1200 COMMAND ${CMAKE_COMMAND} -E env SOAK_SECONDS=300
                ${XBUS_PYTHON} ${plays}/soak_play.py --server ${server})
  endforeach()
  xbus_script(resume_slixmpp COMMAND ${XBUS_PYTHON} ${plays}/resume_play.py --server xbusd Foreign)
endif()

# The plays on xbusd, which the sanitizers run too.
foreach(name harness_xbusd interop_clients_xbusd interop_calls_xbusd pubsub_slixmpp pubsub_kill relay agent_xbusd load_xbusd
        large_xbusd soak_xbusd resume_xbusd resume_slixmpp registry_xbusd)
  if(TEST ${name})
    set_property(TEST ${name} APPEND PROPERTY LABELS play)
  endif()
endforeach()

# The verbs of xbus, the agent and served commands on a live bus.
if(TARGET xbusd AND TARGET xbus-cli AND TARGET xbus-agent)
  foreach(script verbs serve contexts calls admin events monitor help completion terminal metrics chat endings bench doctor disk
          certificates agent_topics)
    xbus_script(e2e_${script} COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/e2e/${script}_test.py)
  endforeach()
  foreach(server xbusd prosody)
    xbus_script(e2e_trace_${server}
                COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/e2e/trace_test.py --server ${server})
  endforeach()
endif()

# Feeds as topics: from files and an HTTP server, over restarts, to a subscriber of another library.
if(TARGET xbusd AND TARGET xbus-ticker)
  xbus_script(e2e_ticker COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/e2e/ticker_test.py)
endif()

# Hostile peers against xbusd and the library's client.
if(TARGET xbusd AND TARGET xbus-cli AND TARGET xbus-agent)
  xbus_script(hostile SERIAL TIMEOUT 900 COMMAND ${XBUS_PYTHON} ${CMAKE_SOURCE_DIR}/tests/hostile/hostile_test.py)
endif()

include(${CMAKE_CURRENT_SOURCE_DIR}/bench/bench.cmake)

# The programs of the plays against real servers.
foreach(name work_service work_caller large_service large_caller relay_receiver)
  add_executable(play_${name} ${CMAKE_CURRENT_SOURCE_DIR}/plays_real/${name}.cpp)
  target_include_directories(play_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(play_${name} PRIVATE xbus::xbus)
endforeach()

# Language, warnings, linker and sanitizers: everything that holds for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Release keeps asserts: a bug stops the program where it is, it does not spread.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
# What strangers send meets these before it meets a bug of ours; tests/install reads them off the programs.
string(APPEND CMAKE_CXX_FLAGS_RELEASE " -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong"
       " -fstack-clash-protection")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  string(APPEND CMAKE_CXX_FLAGS_RELEASE " -fcf-protection")
endif()
add_link_options($<$<CONFIG:Release>:-Wl,-z,relro,-z,now>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Nothing replaces a function of ours, so those of one file may be inlined into each other.
  string(APPEND CMAKE_CXX_FLAGS_RELEASE " -fno-semantic-interposition")
endif()

add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside the standard library's own headers.
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()

find_program(XBUS_LLD NAMES ld.lld)
# lld 14 loses the unwind table entry of a function that begins where an empty cold part of another stands, and an exception
# through it ends the program: what is released is linked by the compiler's own linker (DECISIONS.md).
if(XBUS_LLD AND NOT (CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU"))
  add_link_options(-fuse-ld=lld)
endif()
find_program(XBUS_CCACHE NAMES ccache)
if(XBUS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${XBUS_CCACHE})
endif()

if(XBUS_SANITIZE)
  add_compile_options(-fsanitize=${XBUS_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${XBUS_SANITIZE})
  if(XBUS_SANITIZE MATCHES "undefined")
    # Only `vptr` may be passed over, by UBSAN_OPTIONS=halt_on_error=0: it asks by a pipe whether it may read an object, and
    # is wrong where a test leaves no descriptors.
    add_compile_options(-fno-sanitize-recover=all)
    if(XBUS_SANITIZE MATCHES "address")
      add_compile_options(-fsanitize-recover=vptr)
    endif()
    # clang 14 copies the type that `function` puts before each function into the parts of a coroutine too, where the
    # assembler "cannot represent a difference across sections".
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      add_compile_options(-fno-sanitize=function)
    endif()
  endif()
endif()

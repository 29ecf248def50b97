# What `cmake --install` gives: headers under include/xbus, the library, the programs, a CMake package and a .pc file.

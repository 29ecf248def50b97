# libgsasl is the oracle of SCRAM.
find_package(PkgConfig REQUIRED)
pkg_check_modules(GSASL REQUIRED IMPORTED_TARGET libgsasl)
set(link PkgConfig::GSASL)

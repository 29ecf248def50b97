// The compiled part of Boost.Asio, once for the library.
#include <boost/asio/impl/src.hpp>

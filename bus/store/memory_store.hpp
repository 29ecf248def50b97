// A Store that forgets everything when it goes: for LocalBus and tests.
#pragma once
#include <memory>

#include "bus/store/store.hpp"

namespace xbus::store {

// Every write is done before its call returns.
std::unique_ptr<Store> make_memory_store();

}  // namespace xbus::store

// What a program says in its log when its store cannot write.
#pragma once
#include "bus/store/sqlite_store.hpp"
#include "services/common/log.hpp"

namespace xbus::common {

store::ReportTrouble log_store_trouble(const Log& log);

}  // namespace xbus::common

#include "services/common/store_trouble.hpp"

#include <string>

namespace xbus::common {

store::ReportTrouble log_store_trouble(const Log& log) {
  return [log](const store::StoreTrouble& trouble) {
    log.error("store cannot write", {{"path", trouble.path},
                                     {"error", trouble.error},
                                     {"writes", std::to_string(trouble.writes)}});
  };
}

}  // namespace xbus::common

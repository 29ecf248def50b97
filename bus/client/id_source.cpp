#include "bus/client/id_source.hpp"

#include "bus/crypto/random.hpp"

namespace xbus::client {

std::string IdSource::next() {
  constexpr size_t letters = 16;
  constexpr size_t ids_per_draw = 64;
  if (used_ >= pool_.size()) {
    pool_ = crypto::random_id(ids_per_draw * letters / 4 * 3);
    used_ = 0;
  }
  auto id = pool_.substr(used_, letters);
  used_ += letters;
  return id;
}

}  // namespace xbus::client

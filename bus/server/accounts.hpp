// The accounts of the bus: who may log in, with which keys, and who is an admin.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/store/store.hpp"
#include "bus/xmpp/scram.hpp"

namespace xbus::server {

// A uid's account is its login name, or `uid-N` where it has none or one that is no localpart
// (design D9).
std::string local_of_uid(uint32_t uid, std::string_view domain);
// Whether the name stands for a uid of this host, so that no password account may take it unless it
// is linked.
bool is_uid_name(std::string_view local);

// A copy of what the store keeps, so that a login never waits for the disk. The router's lock
// guards it.
class Accounts {
 public:
  Accounts(store::Store& store, std::string_view domain, const std::vector<std::string>& admins);

  bool exists(std::string_view local) const { return find(local) != nullptr; }
  // Nothing for an unknown account and for one without a password (a uid's).
  std::optional<xmpp::ScramKeys> keys(std::string_view local, xmpp::ScramHash hash) const;
  std::vector<std::string> names() const;  // sorted
  bool has_password(std::string_view local) const;
  bool is_admin(std::string_view local) const { return admins_.contains(local); }
  // Beside root and this process's own uid.
  void set_admins(const std::vector<std::string>& admins, std::string_view domain);

  // Memory alone: to be called when the store has it so.
  void set(store::Account account);
  void forget(std::string_view local);
  // An account that the kernel vouches for exists from its first login on.
  void note_uid_account(std::string_view local);
  void reload();  // SIGHUP: another program may have written

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  const store::Account* find(std::string_view local) const;

  store::Store& store_;
  std::unordered_map<std::string, store::Account, TextHash, std::equal_to<>> accounts_;
  std::set<std::string, std::less<>> admins_;
};

}  // namespace xbus::server

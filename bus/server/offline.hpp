// Messages for accounts that nobody reads for now: stored within bounds, delivered with a delay
// stamp (RFC 6121 section 8.5.2.2.1, XEP-0160).
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "bus/server/parcel.hpp"
#include "bus/store/store.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::server {

class Hub;
class Session;

// How much each account has stored, so that the bound is checked without the disk. The router's
// lock guards it.
class OfflineUse {
 public:
  explicit OfflineUse(store::Store& store) : store_(store) {}
  // False over the bound.
  bool add(std::string_view local, size_t bytes);
  void remove(std::string_view local, size_t messages, size_t bytes);
  bool empty(std::string_view local) { return of(local).messages == 0; }

 private:
  store::Store::OfflineUse& of(std::string_view local);

  store::Store& store_;
  std::unordered_map<std::string, store::Store::OfflineUse> uses_;
};

// Stores the message for the account it is addressed to, or refuses it: service-unavailable beyond
// the bound.
void store_offline(Hub& hub, Parcel& parcel);

// Hands the session what is stored for its account, oldest first, and forgets what it has taken.
void deliver_offline(Hub& hub, Session& session);

}  // namespace xbus::server

#include "bus/server/admin.hpp"

#include <utility>

#include "bus/server/hub.hpp"
#include "bus/server/link.hpp"
#include "bus/xmpp/scram.hpp"

namespace xbus::server {
namespace {

using xmpp::Condition;
using xmpp::ScramHash;
using xmpp::StanzaError;

store::Keys kept(const xmpp::ScramKeys& keys) {
  return {keys.salt, keys.iterations, keys.stored_key, keys.server_key};
}

// Makes the keys off the loop and writes the account; once it is on disk it counts, is logged as `event` and answered.
void put_account(Hub& hub, std::string local, std::string password, const char* event,
                 const IqAnswer& answer) {
  auto account = std::make_shared<std::optional<store::Account>>();
  auto job = [account, local, password = std::move(password)] {
    auto sha1 = xmpp::make_scram_keys(password, ScramHash::sha1);
    auto sha256 = xmpp::make_scram_keys(password, ScramHash::sha256);
    if (sha1 && sha256) *account = store::Account{local, kept(*sha1), kept(*sha256)};
  };
  auto made = hub.on_main([account, event, answer](Hub& later, bool) {
    if (!*account)
      return answer.error({Condition::not_acceptable, "the password cannot be prepared"});
    later.store.put_account(**account, later.on_main([account, event, answer](Hub& then, bool ok) {
      if (ok) {
        then.log("info", event, {{"account", (*account)->local}});
        then.accounts.set(std::move(**account));
      }
      answer.stored(ok);
    }));
  });
  if (!hub.workers.run(hub.main_loop(), std::move(job), [made] { made(true); })) {
    answer.error({xmpp::ErrorType::wait, Condition::resource_constraint, "too many at once"});
  }
}

void list(Hub& hub, const IqAnswer& answer) {
  std::vector<AccountInfo> all;
  for (const std::string& name : hub.accounts.names()) {
    const router::Owner* owner = hub.routes.find_owner(name + "@" + hub.options.domain);
    all.push_back({.name = name,
                   .password = hub.accounts.has_password(name),
                   .admin = hub.accounts.is_admin(name),
                   .connections = owner == nullptr ? 0 : owner->slots().size()});
  }
  answer.result(accounts_payload(all));
}

// The account is no more, on disk either: its sessions end.
void forget(Hub& hub, const xmpp::Jid& account) {
  hub.accounts.forget(account.local());
  // With what its sessions have written since.
  hub.store.remove_account(account.local(), {});
  hub.log("info", "account_removed", {{"account", std::string(account.local())}});
  if (const router::Owner* owner = hub.routes.find_owner(account.str())) {
    for (router::Slot* slot : owner->slots()) {
      hub.doom(static_cast<Link&>(slot->endpoint()), xmpp::StreamCondition::not_authorized,
               "the account is gone");
    }
  }
}

void remove(Hub& hub, const xmpp::Jid& account, const IqAnswer& answer) {
  hub.store.remove_account(account.local(), hub.on_main([account, answer](Hub& later, bool ok) {
    if (ok) forget(later, account);
    answer.stored(ok);
  }));
}

void change(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  const std::string& verb = request.payload.name();
  bool known = verb == "add" || verb == "passwd" || verb == "remove";
  if (!known) return answer.error(StanzaError(Condition::service_unavailable));
  auto account = xmpp::Jid::make(request.payload.attr_or("name", {}), hub.options.domain);
  if (!account || account->local().empty())
    return answer.error(StanzaError(Condition::jid_malformed));
  bool own = verb == "passwd" && request.from.bare_str() == account->str();
  if (!own && !hub.is_admin(request.from)) return answer.error(StanzaError(Condition::forbidden));
  std::string local(account->local());
  bool there = hub.accounts.exists(local);
  if (verb == "add" && hub.accounts.has_password(local))
    return answer.error(StanzaError(Condition::conflict));
  if (verb != "add" && !there) return answer.error(StanzaError(Condition::item_not_found));
  if (verb == "remove") return remove(hub, *account, answer);
  // A first password on a uid's name lets it log in from elsewhere: only where an admin says so.
  bool links = hub.is_admin(request.from) && request.payload.attr_or("link", {}) == "true";
  if (!hub.accounts.has_password(local) && !links && is_uid_name(local)) {
    return answer.error({Condition::not_allowed, "the name stands for a user of this host"});
  }
  const xml::Element* password = request.payload.first("password", ns_admin);
  if (password == nullptr) return answer.error({Condition::bad_request, "no password"});
  put_account(hub, local, password->text(), verb == "add" ? "account_added" : "password_changed",
              answer);
}

void answer_admin(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  if (request.set) return change(hub, request, answer);
  if (request.payload.name() != "accounts")
    return answer.error(StanzaError(Condition::service_unavailable));
  if (!hub.is_admin(request.from)) return answer.error(StanzaError(Condition::forbidden));
  list(hub, answer);
}

}  // namespace

void add_admin(IqHandlers& handlers) {
  handlers.add(IqHandlers::For::server, ns_admin, answer_admin);
}

}  // namespace xbus::server

#include "bus/server/accounts.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "bus/xmpp/jid.hpp"

namespace xbus::server {

std::string local_of_uid(uint32_t uid, std::string_view domain) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    auto jid = xmpp::Jid::make(found->pw_name, domain);
    // Only a name that preparation leaves alone: two uids must never share an account.
    if (jid && jid->local() == found->pw_name) return found->pw_name;
  }
  return "uid-" + std::to_string(uid);
}

bool is_uid_name(std::string_view local) {
  if (local.starts_with("uid-")) return true;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  std::string name(local);
  return getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
         found != nullptr;
}

Accounts::Accounts(store::Store& store, std::string_view domain,
                   const std::vector<std::string>& admins)
    : store_(store) {
  set_admins(admins, domain);
  reload();
}

void Accounts::set_admins(const std::vector<std::string>& admins, std::string_view domain) {
  admins_ = {admins.begin(), admins.end()};
  admins_.insert(local_of_uid(0, domain));
  admins_.insert(local_of_uid(geteuid(), domain));
}

void Accounts::reload() {
  accounts_.clear();
  for (store::Account& account : store_.accounts()) {
    std::string local = account.local;
    accounts_.emplace(std::move(local), std::move(account));
  }
}

const store::Account* Accounts::find(std::string_view local) const {
  auto found = accounts_.find(local);
  return found == accounts_.end() ? nullptr : &found->second;
}

std::optional<xmpp::ScramKeys> Accounts::keys(std::string_view local, xmpp::ScramHash hash) const {
  const store::Account* account = find(local);
  if (account == nullptr) return {};
  const store::Keys& kept = hash == xmpp::ScramHash::sha1 ? account->sha1 : account->sha256;
  if (kept.stored_key.empty()) return {};
  return xmpp::ScramKeys{kept.salt, kept.iterations, kept.stored_key, kept.server_key};
}

std::vector<std::string> Accounts::names() const {
  std::vector<std::string> all;
  for (const auto& [local, account] : accounts_) all.push_back(local);
  std::sort(all.begin(), all.end());
  return all;
}

bool Accounts::has_password(std::string_view local) const {
  const store::Account* account = find(local);
  return account != nullptr &&
         (!account->sha1.stored_key.empty() || !account->sha256.stored_key.empty());
}

void Accounts::set(store::Account account) {
  std::string local = account.local;
  accounts_[std::move(local)] = std::move(account);
}

void Accounts::forget(std::string_view local) {
  auto found = accounts_.find(local);
  if (found != accounts_.end()) accounts_.erase(found);
}

void Accounts::note_uid_account(std::string_view local) {
  if (exists(local)) return;
  // The kernel's word is what counts: a write that fails is made up for by the next login.
  set(store::Account{std::string(local), {}, {}});
  store_.put_account(store::Account{std::string(local), {}, {}}, {});
}

}  // namespace xbus::server

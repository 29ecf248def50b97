// The payloads of accounts over the bus, for admins: the protocol `urn:xbus:admin:0`, iqs to the server's domain.
//
//   get  <accounts/>                                  all accounts, sorted by name:
//        result <accounts><account name='ann' password='true' admin='false'
//        connections='2'/>...</accounts>
//   set  <add name='ann'><password>...</password></add>     a new account; conflict where it is
//   there set  <passwd name='ann'><password>...</password></passwd>  item-not-found where it is not
//   set  <remove name='ann'/>                         with its roster and messages; its streams end
//
// The answer to a set is the empty result, sent when the change is on disk. Passwords are kept as
// SCRAM keys only. Without the right to ask: forbidden. A name that is no localpart: jid-malformed.
// A password that cannot be prepared (RFC 8265 section 4.2): not-acceptable. A name that stands for
// a uid of the host (design D9): not-allowed, unless `link='true'` says that the operator means
// this user, who may then log in with the password from elsewhere too.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xml/element.hpp"

namespace xbus::server {

inline constexpr std::string_view ns_admin = "urn:xbus:admin:0";

struct AccountInfo {
  std::string name;
  bool password = false;  // it can log in with one
  bool admin = false;
  size_t connections = 0;  // sessions now
  bool operator==(const AccountInfo&) const = default;
};

enum class LinkToUid : bool { no, yes };

// The payloads of the requests, for who asks.
xml::Element accounts_query();
xml::Element account_add(std::string_view name, std::string_view password,
                         LinkToUid link = LinkToUid::no);
xml::Element account_passwd(std::string_view name, std::string_view password);
xml::Element account_remove(std::string_view name);
// The answer to accounts_query().
xml::Element accounts_payload(const std::vector<AccountInfo>& accounts);
// Reads the answer to accounts_query(); entries without a name are left out.
std::vector<AccountInfo> accounts_from(const xml::Element& payload);

}  // namespace xbus::server

// Acl: who may call, as a list of JID patterns.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xmpp/jid.hpp"

namespace xbus {

// A pattern is [LOCAL@]DOMAIN[/RESOURCE]; `*` inside a part stands for any characters of that part.
//   *@localhost    any account of that domain      ops@*/*      the account ops of any domain
//   *@*.example    accounts of its subdomains      bot@a.b/x    one full JID
//   news.a.b       a component or server           anonymous    callers that a bridge could not authenticate
//   *              everybody, anonymous included
// Without a resource it matches any. Domain and local are compared without ASCII case.
class JidPattern {
 public:
  explicit JidPattern(std::string_view text);
  bool matches(const xmpp::Jid& jid) const;
  // Whether some JID, or everybody, can match: no part of it is empty or holds what no JID has there.
  static bool is_right(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  std::string text_, local_, domain_, resource_;
  bool everybody_ = false, has_local_ = false, has_resource_ = false;
};

// A value. The empty list allows nobody.
class Acl {
 public:
  Acl() = default;
  Acl(std::initializer_list<std::string_view> patterns);
  explicit Acl(const std::vector<std::string>& patterns);
  void add(std::string_view pattern) { patterns_.emplace_back(pattern); }
  bool allows(const xmpp::Jid& caller) const;
  // std::invalid_argument tells the first pattern that is not right.
  void check() const;
  const std::vector<JidPattern>& patterns() const { return patterns_; }

 private:
  std::vector<JidPattern> patterns_;
};

}  // namespace xbus

#include "rpc/acl.hpp"

#include <algorithm>
#include <stdexcept>

namespace xbus {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// `*` is any run of characters, the empty one too. Linear but for the last star it goes back to.
bool glob(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

JidPattern::JidPattern(std::string_view text) : text_(text), everybody_(text == "*") {
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    resource_ = text.substr(slash + 1);
    has_resource_ = resource_ != "*";
    text = text.substr(0, slash);
  }
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    local_ = lower(text.substr(0, at));
    has_local_ = true;
    text = text.substr(at + 1);
  }
  domain_ = lower(text);
}

bool JidPattern::is_right(std::string_view text) {
  // With a letter for each star it must be a JID.
  std::string sample(text);
  std::replace(sample.begin(), sample.end(), '*', 'x');
  const auto jid = xmpp::Jid::parse(sample);
  return jid && !jid->empty();
}

bool JidPattern::matches(const xmpp::Jid& jid) const {
  if (everybody_) return true;
  if (jid.empty() || has_local_ == jid.local().empty()) return false;
  if (has_local_ && !glob(local_, jid.local())) return false;
  if (!glob(domain_, jid.domain())) return false;
  return !has_resource_ || (jid.is_full() && glob(resource_, jid.resource()));
}

Acl::Acl(std::initializer_list<std::string_view> patterns) {
  for (const auto pattern : patterns) add(pattern);
}

Acl::Acl(const std::vector<std::string>& patterns) {
  for (const auto& pattern : patterns) add(pattern);
}

void Acl::check() const {
  for (const JidPattern& pattern : patterns_)
    if (!JidPattern::is_right(pattern.text()))
      throw std::invalid_argument("\"" + pattern.text() + "\" is no pattern of callers: [LOCAL@]DOMAIN[/RESOURCE]");
}

bool Acl::allows(const xmpp::Jid& caller) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const JidPattern& pattern) { return pattern.matches(caller); });
}

}  // namespace xbus

// A JID: the address of an entity (RFC 7622), held only in its prepared form.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "bus/result.hpp"

namespace xbus::xmpp {

// Why text is no JID. Each is answered with jid-malformed (RFC 6120 section 8.3.3.8).
enum class JidError {
  empty_local,     // "@" with nothing before it
  empty_domain,    // no domainpart, or the empty string
  empty_resource,  // "/" with nothing behind it
  bad_local,     // not in the UsernameCaseMapped profile, or one of the characters " & ' / : < > @
  bad_domain,    // neither an IP literal nor an IDNA2008 domain name
  bad_resource,  // not in the OpaqueString profile
  too_long,      // a part above limits::jid_part_bytes_max octets after preparation
};

// A value: copies, compares, hashes. Only prepared text gets in (RFC 7622 section 3), so two Jids
// are equal exactly when they name the same entity; spellings that differ only in what preparation
// removes become equal. The default value is empty: no address at all.
class Jid {
 public:
  Jid() = default;

  // Splits `text` at the first '/', then at the first '@' before it (section 3.1), and prepares the
  // parts. ASCII that is already prepared is checked and copied once, nothing more.
  static Result<Jid, JidError> parse(std::string_view text);
  // From unprepared parts; an empty local or resource is an absent one.
  static Result<Jid, JidError> make(std::string_view local, std::string_view domain,
                                    std::string_view resource = {});

  const std::string& str() const { return text_; }
  // The parts; empty where absent. The views live as long as this Jid is neither changed nor moved.
  std::string_view local() const {
    return std::string_view(text_).substr(0, domain_begin_ == 0 ? 0u : domain_begin_ - 1u);
  }
  std::string_view domain() const {
    return std::string_view(text_).substr(domain_begin_, size_t{domain_end_} - domain_begin_);
  }
  std::string_view resource() const {
    return is_full() ? std::string_view(text_).substr(domain_end_ + size_t{1}) : std::string_view();
  }
  // The text before the resource: what bare() holds, without a copy.
  std::string_view bare_str() const { return std::string_view(text_).substr(0, domain_end_); }

  Jid bare() const;
  // This bare address with another resource; an empty one removes it.
  Result<Jid, JidError> with_resource(std::string_view resource) const;

  bool empty() const { return text_.empty(); }
  bool is_full() const {
    return domain_end_ < text_.size();
  }  // has a resource, with or without a local
  bool is_bare() const {
    return !empty() && !is_full();
  }  // has no resource: LOCAL@DOMAIN or DOMAIN
  bool is_domain() const { return is_bare() && domain_begin_ == 0; }  // only a domain

  bool operator==(const Jid& other) const { return text_ == other.text_; }
  std::strong_ordering operator<=>(const Jid& other) const { return text_ <=> other.text_; }

 private:
  std::string text_;
  uint16_t domain_begin_ = 0;  // after the '@', or 0
  uint16_t domain_end_ = 0;    // at the '/', or the end
};

}  // namespace xbus::xmpp

template <>
struct std::hash<xbus::xmpp::Jid> {
  size_t operator()(const xbus::xmpp::Jid& jid) const noexcept {
    return std::hash<std::string>{}(jid.str());
  }
};

#include "bus/xmpp/jid.hpp"

#include <array>

#include "bus/limits.hpp"
#include "bus/xmpp/precis.hpp"

namespace xbus::xmpp {

namespace {

using limits::jid_part_bytes_max;
using limits::jid_typed_bytes_max;

enum : uint8_t { in_local = 1, in_domain = 2, in_resource = 4, upper = 8 };

// What ASCII may stand where (RFC 7622 sections 3.2 to 3.4).
constexpr std::array<uint8_t, 128> ascii_places = [] {
  std::array<uint8_t, 128> places{};
  for (size_t c = 0x20; c <= 0x7e; ++c) {
    places[c] |= in_resource;
    bool excluded = false;
    for (char x : std::string_view(" \"&'/:<>@")) excluded |= c == static_cast<unsigned char>(x);
    if (!excluded) places[c] |= in_local;
    bool big = c >= 'A' && c <= 'Z';
    if (big || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) places[c] |= in_domain;
    if (big) places[c] |= upper;
  }
  return places;
}();

bool is_ascii(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) > 0x7f) return false;
  }
  return true;
}

bool all_in(std::string_view text, uint8_t place) {
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > 0x7f || !(ascii_places[byte] & place)) return false;
  }
  return true;
}

void append_lower(std::string& out, std::string_view text) {
  for (char c : text) {
    out += ascii_places[static_cast<unsigned char>(c)] & upper ? static_cast<char>(c + ('a' - 'A'))
                                                               : c;
  }
}

Result<void, JidError> append_local(std::string& out, std::string_view local) {
  if (local.size() > jid_typed_bytes_max) return Err{JidError::too_long};
  if (is_ascii(local)) {
    if (!all_in(local, in_local)) return Err{JidError::bad_local};
    if (local.size() > jid_part_bytes_max) return Err{JidError::too_long};
    append_lower(out, local);
    return {};
  }
  auto prepared = precis::username_case_mapped(local);
  if (!prepared) return Err{JidError::bad_local};
  // After the mappings, since a fullwidth character can become one of the excluded ones.
  if (prepared->find_first_of("\"&'/:<>@") != std::string::npos) return Err{JidError::bad_local};
  if (prepared->size() > jid_part_bytes_max) return Err{JidError::too_long};
  out += *prepared;
  return {};
}

// A name that needs no preparation but lower case: letters and digits with single dots and inner
// hyphens, no label that could be an A-label. Everything else takes the long way.
bool is_simple_domain(std::string_view domain) {
  if (domain.size() > limits::domain_label_bytes_max) return false;
  char before = '.';
  for (char c : domain) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > 0x7f) return false;
    bool alnum = ascii_places[byte] & in_domain;
    if (!alnum && c != '.' && c != '-') return false;
    // No dot or hyphen follows another: this keeps "--" away, and with it every A-label.
    if (!alnum && (before == '.' || before == '-')) return false;
    before = c;
  }
  return before != '.' && before != '-';
}

Result<void, JidError> append_domain(std::string& out, std::string_view domain) {
  if (domain.empty()) return Err{JidError::empty_domain};
  if (is_simple_domain(domain)) {
    append_lower(out, domain);
    return {};
  }
  if (domain.size() > jid_typed_bytes_max) return Err{JidError::too_long};
  auto prepared = precis::domain(domain);
  if (!prepared) {
    if (prepared.error() == precis::PrecisError::empty) return Err{JidError::empty_domain};
    return Err{domain.size() > jid_part_bytes_max ? JidError::too_long : JidError::bad_domain};
  }
  if (prepared->size() > jid_part_bytes_max) return Err{JidError::too_long};
  out += *prepared;
  return {};
}

Result<void, JidError> append_resource(std::string& out, std::string_view resource) {
  if (resource.size() > jid_typed_bytes_max) return Err{JidError::too_long};
  if (is_ascii(resource)) {
    if (!all_in(resource, in_resource)) return Err{JidError::bad_resource};
    if (resource.size() > jid_part_bytes_max) return Err{JidError::too_long};
    out += resource;
    return {};
  }
  auto prepared = precis::opaque_string(resource);
  if (!prepared) return Err{JidError::bad_resource};
  if (prepared->size() > jid_part_bytes_max) return Err{JidError::too_long};
  out += *prepared;
  return {};
}

}  // namespace

Result<Jid, JidError> Jid::make(std::string_view local, std::string_view domain,
                                std::string_view resource) {
  Jid jid;
  jid.text_.reserve(local.size() + domain.size() + resource.size() + 2);
  if (!local.empty()) {
    if (auto done = append_local(jid.text_, local); !done) return Err{done.error()};
    jid.text_ += '@';
    jid.domain_begin_ = static_cast<uint16_t>(jid.text_.size());
  }
  if (auto done = append_domain(jid.text_, domain); !done) return Err{done.error()};
  jid.domain_end_ = static_cast<uint16_t>(jid.text_.size());
  if (!resource.empty()) {
    jid.text_ += '/';
    if (auto done = append_resource(jid.text_, resource); !done) return Err{done.error()};
  }
  return jid;
}

Result<Jid, JidError> Jid::parse(std::string_view text) {
  std::string_view local, domain = text, resource;
  if (size_t slash = text.find('/'); slash != std::string_view::npos) {
    domain = text.substr(0, slash);
    resource = text.substr(slash + 1);
    if (resource.empty()) return Err{JidError::empty_resource};
  }
  if (size_t at = domain.find('@'); at != std::string_view::npos) {
    local = domain.substr(0, at);
    domain = domain.substr(at + 1);
    if (local.empty()) return Err{JidError::empty_local};
  }
  return make(local, domain, resource);
}

Jid Jid::bare() const {
  Jid jid;
  jid.text_ = bare_str();
  jid.domain_begin_ = domain_begin_;
  jid.domain_end_ = domain_end_;
  return jid;
}

Result<Jid, JidError> Jid::with_resource(std::string_view resource) const {
  if (empty()) return Err{JidError::empty_domain};
  Jid jid = bare();
  if (resource.empty()) return jid;
  jid.text_ += '/';
  if (auto done = append_resource(jid.text_, resource); !done) return Err{done.error()};
  return jid;
}

}  // namespace xbus::xmpp

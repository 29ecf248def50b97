// Entity Capabilities: a hash that stands for an entity's disco#info, in its two editions (XEP-0115
// and XEP-0390).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/crypto/digest.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/disco.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_caps = "http://jabber.org/protocol/caps";
inline constexpr std::string_view ns_caps2 = "urn:xmpp:caps";
inline constexpr std::string_view ns_hashes = "urn:xmpp:hashes:2";

// The names of XEP-0300: "sha-1", "sha-256", "sha3-256", ...
std::optional<crypto::Hash> hash_of(std::string_view name);
std::string_view name_of(crypto::Hash hash);

// ---- XEP-0115 ----

// The <c/> of a presence.
struct Caps {
  std::string node;  // a URI that names the software
  std::string ver;   // the verification string
  std::string
      hash;  // its hash function; empty: the legacy format, which proves nothing (section 12)

  // The disco#info node that is asked for it (section 6.2).
  std::string disco_node() const { return node + "#" + ver; }
  bool operator==(const Caps&) const = default;
};

enum class CapsVerdict {
  valid,         // may be cached for everyone who sends this hash and ver
  mismatch,      // someone lies or is out of date: never cached
  ill_formed,    // section 5.4 step 3: duplicate identities, features or FORM_TYPEs
  unknown_hash,  // holds for the sender alone
  legacy,        // likewise
};

// The verification string of section 5.1; nullopt when the info is ill-formed.
std::optional<std::string> caps_ver(const DiscoInfo& info, crypto::Hash hash = crypto::Hash::sha1);
// With SHA-1, which every peer knows; nullopt when the info is ill-formed.
std::optional<Caps> make_caps(std::string_view node, const DiscoInfo& info);
// Compares an answer with what the presence said, by section 5.4.
CapsVerdict verify(const Caps& caps, const DiscoInfo& info);

xml::Element to_element(const Caps& caps);
// Reads the <c/>, or the presence that holds one.
std::optional<Caps> caps_from(const xml::Element& c_or_presence);

// ---- XEP-0390 ----

struct CapsHash {
  std::string algo;   // as XEP-0300 names it
  std::string value;  // base64
  // The disco#info node that is asked for it (section 4.3).
  std::string disco_node() const { return "urn:xmpp:caps#" + algo + "." + value; }
  bool operator==(const CapsHash&) const = default;
};

// The input of the hash functions (section 4.1); nullopt where the section aborts: unknown
// elements, reports, forms without a FORM_TYPE.
std::optional<std::string> caps2_input(const DiscoInfo& info);
std::optional<CapsHash> caps2_hash(const DiscoInfo& info, crypto::Hash hash);
// The hash and its function of a disco#info node; nullopt when the node is no Capability Hash Node.
std::optional<CapsHash> caps_hash_of_node(std::string_view node);

// <c/> with the hashes of SHA-256 and SHA3-256; nullopt when the info cannot be hashed.
std::optional<xml::Element> make_caps2(const DiscoInfo& info);
xml::Element to_element(const std::vector<CapsHash>& hashes);
// The hashes of the <c/>, or of the presence that holds one; at most
// limits::caps_hashes_max are read.
std::vector<CapsHash> caps2_from(const xml::Element& c_or_presence);
CapsVerdict verify(const CapsHash& hash, const DiscoInfo& info);

}  // namespace xbus::xmpp

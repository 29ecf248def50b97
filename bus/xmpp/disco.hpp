// Service Discovery (XEP-0030) with its extensions (XEP-0128).
#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/forms.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/rsm.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_disco_info = "http://jabber.org/protocol/disco#info";
inline constexpr std::string_view ns_disco_items = "http://jabber.org/protocol/disco#items";

struct Identity {
  std::string category, type, name, lang;
  auto operator<=>(const Identity&) const = default;
};

struct DiscoInfo {
  std::string node;  // empty: none
  std::vector<Identity> identities;
  std::vector<std::string> features;
  std::vector<Form> forms;
  // Children that none of the three specifications knows: XEP-0390 hashes no such answer.
  bool has_other_elements = false;

  bool has_feature(std::string_view feature) const;
  bool has_identity(std::string_view category, std::string_view type) const;
  // The form of that FORM_TYPE; nullptr when there is none.
  const Form* form(std::string_view form_type) const;
  bool operator==(const DiscoInfo&) const = default;
};

struct DiscoItem {
  Jid jid;
  std::string node, name;
  bool operator==(const DiscoItem&) const = default;
};

struct DiscoItems {
  std::string node;
  std::vector<DiscoItem> items;
  std::optional<Page> page;  // when the list is longer than this answer
  bool operator==(const DiscoItems&) const = default;
};

enum class DiscoError {
  not_disco,     // another element
  bad_identity,  // without category or type
  bad_feature,   // without var
  bad_item,      // without a right jid
  bad_form,
  too_many,  // above limits::disco_entries_max
};

// The payloads of the requests, iqs of type get.
xml::Element disco_info_query(std::string_view node = {});
xml::Element disco_items_query(std::string_view node = {}, const PageRequest& page = {});

// The payloads of the answers. Each answer of our own has an identity and the feature disco#info
// (DISCO-01): that is the caller's to put in. Duplicates are written as they stand.
xml::Element to_element(const DiscoInfo& info);
xml::Element to_element(const DiscoItems& items);

// Reads an answer's payload. `lang` is the xml:lang inherited from the iq or the stream. Duplicates
// are kept, since the verification of caps looks for them.
Result<DiscoInfo, DiscoError> disco_info_from(const xml::Element& query,
                                              std::string_view lang = {});
Result<DiscoItems, DiscoError> disco_items_from(const xml::Element& query);

}  // namespace xbus::xmpp

#include "bus/xmpp/caps.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "bus/crypto/base64.hpp"
#include "bus/limits.hpp"

namespace xbus::xmpp {

namespace {

struct HashName {
  std::string_view name;
  crypto::Hash hash;
};
constexpr std::array<HashName, 6> hash_names = {{{"sha-1", crypto::Hash::sha1},
                                                 {"sha-256", crypto::Hash::sha256},
                                                 {"sha-384", crypto::Hash::sha384},
                                                 {"sha-512", crypto::Hash::sha512},
                                                 {"sha3-256", crypto::Hash::sha3_256},
                                                 {"sha3-512", crypto::Hash::sha3_512}}};

// std::string compares bytes as unsigned, which is the i;octet collation both documents ask for.
std::vector<std::string> sorted(std::vector<std::string> strings) {
  std::sort(strings.begin(), strings.end());
  return strings;
}

bool has_duplicates(const std::vector<std::string>& in_order) {
  return std::adjacent_find(in_order.begin(), in_order.end()) != in_order.end();
}

// ---- XEP-0115 ----

// Appends one factor of the verification string and its '<'. A '<' of the factor's own stays
// "&lt;", else one entity could claim the features of another (the warning of section 5.1).
void append_factor(std::string& out, std::string_view factor) {
  for (char c : factor) {
    if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  out += '<';
}

// The forms that count: those whose FORM_TYPE is hidden (section 5.4 step 3.6). nullopt when one
// makes the whole answer ill-formed (step 3.5).
std::optional<std::vector<const Form*>> forms_that_count(const DiscoInfo& info) {
  std::vector<const Form*> out;
  for (const Form& form : info.forms) {
    const Field* form_type = form.field("FORM_TYPE");
    if (!form_type || form_type->type != FieldType::hidden || form_type->values.empty()) continue;
    if (form.form_type().empty() && !form_type->value().empty())
      return std::nullopt;  // two values that differ
    out.push_back(&form);
  }
  std::sort(out.begin(), out.end(),
            [](const Form* a, const Form* b) { return a->form_type() < b->form_type(); });
  for (size_t i = 1; i < out.size(); ++i) {
    if (out[i - 1]->form_type() == out[i]->form_type()) return std::nullopt;
  }
  return out;
}

void append_form(std::string& out, const Form& form) {
  append_factor(out, form.form_type());
  std::vector<const Field*> fields;
  for (const Field& field : form.fields) {
    if (field.var != "FORM_TYPE") fields.push_back(&field);
  }
  std::stable_sort(fields.begin(), fields.end(),
                   [](const Field* a, const Field* b) { return a->var < b->var; });
  for (const Field* field : fields) {
    append_factor(out, field->var);
    for (const std::string& value : sorted(field->values)) append_factor(out, value);
  }
}

// The string S of section 5.1, or nullopt for an ill-formed answer.
std::optional<std::string> caps_input(const DiscoInfo& info) {
  std::vector<const Identity*> identities;
  for (const Identity& identity : info.identities) identities.push_back(&identity);
  auto key = [](const Identity* i) { return std::tie(i->category, i->type, i->lang, i->name); };
  std::sort(identities.begin(), identities.end(),
            [&](const Identity* a, const Identity* b) { return key(a) < key(b); });
  for (size_t i = 1; i < identities.size(); ++i) {
    if (key(identities[i - 1]) == key(identities[i])) return std::nullopt;
  }
  const std::vector<std::string> features = sorted(info.features);
  if (has_duplicates(features)) return std::nullopt;
  const auto forms = forms_that_count(info);
  if (!forms) return std::nullopt;

  std::string out;
  for (const Identity* i : identities) {
    append_factor(out, i->category + "/" + i->type + "/" + i->lang + "/" + i->name);
  }
  for (const std::string& feature : features) append_factor(out, feature);
  for (const Form* form : *forms) append_form(out, *form);
  return out;
}

// ---- XEP-0390: the separators, from the weakest to the strongest ----

constexpr char end_of_text = '\x1f';
constexpr char end_of_group = '\x1e';
constexpr char end_of_form = '\x1d';
constexpr char end_of_part = '\x1c';

std::string join(std::vector<std::string> strings) {
  std::string out;
  for (const std::string& string : sorted(std::move(strings))) out += string;
  return out;
}

std::string form_text(const Form& form) {
  std::vector<std::string> fields;
  for (const Field& field : form.fields) {
    std::vector<std::string> values;
    for (const std::string& value : field.values) values.push_back(value + end_of_text);
    fields.push_back(field.var + end_of_text + join(std::move(values)) + end_of_group);
  }
  return join(std::move(fields)) + end_of_form;
}

// The same characters inside a text would move its borders. XML 1.0 cannot carry them, so they come
// from no peer.
bool has_separator(std::string_view text) {
  return text.find_first_of("\x1c\x1d\x1e\x1f") != std::string_view::npos;
}

bool has_separator(const DiscoInfo& info) {
  for (const Identity& i : info.identities) {
    if (has_separator(i.category) || has_separator(i.type) || has_separator(i.name) ||
        has_separator(i.lang))
      return true;
  }
  for (const std::string& feature : info.features) {
    if (has_separator(feature)) return true;
  }
  for (const Form& form : info.forms) {
    for (const Field& field : form.fields) {
      if (has_separator(field.var)) return true;
      if (std::any_of(field.values.begin(), field.values.end(),
                      [](const auto& v) { return has_separator(v); })) {
        return true;
      }
    }
  }
  return false;
}

const xml::Element* find_c(const xml::Element& c_or_presence, std::string_view ns) {
  return c_or_presence.is("c", ns) ? &c_or_presence : c_or_presence.first("c", ns);
}

}  // namespace

std::optional<crypto::Hash> hash_of(std::string_view name) {
  for (const HashName& row : hash_names) {
    if (row.name == name) return row.hash;
  }
  return std::nullopt;
}

std::string_view name_of(crypto::Hash hash) {
  for (const HashName& row : hash_names) {
    if (row.hash == hash) return row.name;
  }
  return {};
}

std::optional<std::string> caps_ver(const DiscoInfo& info, crypto::Hash hash) {
  auto input = caps_input(info);
  if (!input) return std::nullopt;
  return crypto::base64_encode(crypto::digest(hash, *input));
}

std::optional<Caps> make_caps(std::string_view node, const DiscoInfo& info) {
  auto ver = caps_ver(info);
  if (!ver) return std::nullopt;
  return Caps{.node = std::string(node), .ver = std::move(*ver), .hash = "sha-1"};
}

CapsVerdict verify(const Caps& caps, const DiscoInfo& info) {
  if (caps.hash.empty()) return CapsVerdict::legacy;
  auto hash = hash_of(caps.hash);
  if (!hash) return CapsVerdict::unknown_hash;
  auto ver = caps_ver(info, *hash);
  if (!ver) return CapsVerdict::ill_formed;
  return *ver == caps.ver ? CapsVerdict::valid : CapsVerdict::mismatch;
}

xml::Element to_element(const Caps& caps) {
  xml::Element c("c", std::string(ns_caps));
  if (!caps.hash.empty()) c.set("hash", caps.hash);
  return c.set("node", caps.node).set("ver", caps.ver);
}

std::optional<Caps> caps_from(const xml::Element& c_or_presence) {
  const xml::Element* c = find_c(c_or_presence, ns_caps);
  if (!c) return std::nullopt;
  Caps caps{.node = std::string(c->attr_or("node", "")),
            .ver = std::string(c->attr_or("ver", "")),
            .hash = std::string(c->attr_or("hash", ""))};
  if (caps.node.empty() || caps.ver.empty()) return std::nullopt;
  return caps;
}

std::optional<std::string> caps2_input(const DiscoInfo& info) {
  if (info.has_other_elements || has_separator(info)) return std::nullopt;
  std::vector<std::string> features, identities, forms;
  for (const std::string& feature : info.features) features.push_back(feature + end_of_text);
  for (const Identity& i : info.identities) {
    identities.push_back(i.category + end_of_text + i.type + end_of_text + i.lang + end_of_text +
                         i.name + end_of_text + end_of_group);
  }
  for (const Form& form : info.forms) {
    if (!form.reported.empty() || !form.items.empty() || form.form_type().empty())
      return std::nullopt;
    forms.push_back(form_text(form));
  }
  return join(std::move(features)) + end_of_part + join(std::move(identities)) + end_of_part +
         join(std::move(forms)) + end_of_part;
}

std::optional<CapsHash> caps2_hash(const DiscoInfo& info, crypto::Hash hash) {
  auto input = caps2_input(info);
  if (!input) return std::nullopt;
  return CapsHash{.algo = std::string(name_of(hash)),
                  .value = crypto::base64_encode(crypto::digest(hash, *input))};
}

std::optional<CapsHash> caps_hash_of_node(std::string_view node) {
  constexpr std::string_view prefix = "urn:xmpp:caps#";
  if (!node.starts_with(prefix)) return std::nullopt;
  node.remove_prefix(prefix.size());
  const size_t dot = node.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == node.size()) return std::nullopt;
  return CapsHash{.algo = std::string(node.substr(0, dot)),
                  .value = std::string(node.substr(dot + 1))};
}

std::optional<xml::Element> make_caps2(const DiscoInfo& info) {
  auto sha256 = caps2_hash(info, crypto::Hash::sha256);
  auto sha3 = caps2_hash(info, crypto::Hash::sha3_256);
  if (!sha256 || !sha3) return std::nullopt;
  return to_element(std::vector<CapsHash>{std::move(*sha256), std::move(*sha3)});
}

xml::Element to_element(const std::vector<CapsHash>& hashes) {
  xml::Element c("c", std::string(ns_caps2));
  for (const CapsHash& hash : hashes) {
    xml::Element element("hash", std::string(ns_hashes));
    element.set("algo", hash.algo).add_text(hash.value);
    c.add(std::move(element));
  }
  return c;
}

std::vector<CapsHash> caps2_from(const xml::Element& c_or_presence) {
  std::vector<CapsHash> out;
  const xml::Element* c = find_c(c_or_presence, ns_caps2);
  if (!c) return out;
  for (const xml::Element* child : c->elements("hash", ns_hashes)) {
    if (out.size() == limits::caps_hashes_max) break;
    CapsHash hash{.algo = std::string(child->attr_or("algo", "")), .value = child->text()};
    if (!hash.algo.empty() && !hash.value.empty()) out.push_back(std::move(hash));
  }
  return out;
}

CapsVerdict verify(const CapsHash& hash, const DiscoInfo& info) {
  auto known = hash_of(hash.algo);
  if (!known) return CapsVerdict::unknown_hash;
  auto ours = caps2_hash(info, *known);
  if (!ours) return CapsVerdict::ill_formed;
  return *ours == hash ? CapsVerdict::valid : CapsVerdict::mismatch;
}

}  // namespace xbus::xmpp

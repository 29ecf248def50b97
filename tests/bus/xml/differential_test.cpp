// The scanner beside Expat and Xerces-C: over the corpus of tests/data/xml and over mutations of
// it, it accepts nothing that either refuses, its trees are Expat's, and what it refuses although
// both accept it is in tests/data/xml/STRICTER.md. XBUS_SEED and XBUS_MUTATIONS choose other and
// longer runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"
#include "tests/bus/xml/feed.hpp"
#include "tests/bus/xml/oracles.hpp"

namespace xbus::xml {
namespace {

struct File {
  std::string name, bytes;
};

std::vector<File> files(const std::string& folder) {
  std::vector<File> all;
  const std::string path = std::string(XBUS_SOURCE_DIR) + "/tests/data/xml/" + folder;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    std::ifstream in(entry.path(), std::ios::binary);
    all.push_back({entry.path().filename(), {std::istreambuf_iterator<char>(in), {}}});
  }
  std::sort(all.begin(), all.end(), [](const File& a, const File& b) { return a.name < b.name; });
  EXPECT_GE(all.size(), 20u) << path;
  return all;
}

// What the scanner makes of a whole document.
struct Verdict {
  ScanError error = ScanError::none;
  bool closed = false;
  std::vector<Element> stanzas;
  bool accepted() const { return error == ScanError::none && closed; }
};

// Is `there`, read on a component's stream, what a stanza of a jabber:client stream must become?
// The content namespace changes wherever all ancestors have it too. Inside other payloads it
// changes where it was inherited, which a tree does not tell, so both are right.
bool fits_component(const Element& there, const Element& here, bool in_content) {
  const bool content = here.ns() == ns_client;
  const bool changed = content && there.ns() == ns_component;
  if (in_content && content && !changed) return false;
  if (!changed && there.ns() != here.ns()) return false;
  if (there.name() != here.name() || there.nodes().size() != here.nodes().size()) return false;
  Element bare_there("x", ""), bare_here("x", "");
  for (const Attribute& a : there.attributes()) bare_there.set(a.name, a.ns, a.value);
  for (const Attribute& a : here.attributes()) bare_here.set(a.name, a.ns, a.value);
  if (!(bare_there == bare_here)) return false;
  for (size_t i = 0; i < here.nodes().size(); ++i) {
    const Node &n = there.nodes()[i], &m = here.nodes()[i];
    if (n.is_element() != m.is_element() || n.text != m.text) return false;
    if (n.is_element() && !fits_component(n.element[0], m.element[0], in_content && content))
      return false;
  }
  return true;
}

// Splices the stanza onto a stream with `content` as a router does: from is stamped, xmlns cut, and
// the declarations that it leans on are added. Expat reads the result.
ExpatOpinion splice(const StanzaView& s, const HeaderView& header, std::string_view content) {
  std::string bytes(s.bytes);
  std::vector<AttributeView> cuts;
  if (s.from.present()) cuts.push_back(s.from);
  if (s.xmlns.present()) cuts.push_back(s.xmlns);
  std::sort(cuts.begin(), cuts.end(),
            [](const auto& a, const auto& b) { return a.begin > b.begin; });
  for (const AttributeView& cut : cuts) bytes.erase(cut.begin, cut.end - cut.begin);
  std::string added = " from='stamp@d/r'";
  for (size_t i = 0; i < header.prefixes.size(); ++i) {
    if (!(s.header_prefixes >> i & 1)) continue;
    added += " xmlns:" + header.prefixes[i].name + "='";
    escape_attribute(added, header.prefixes[i].uri);
    added += "'";
  }
  bytes.insert(s.name_end, added);
  return ask_expat("<s:stream xmlns='" + std::string(content) +
                   "' xmlns:s='http://etherx.jabber.org/streams'>" + "<before/>" + bytes +
                   "<after/></s:stream>");
}

void check_splices(const StanzaView& s, const HeaderView& header, const Element& tree) {
  if (s.neutral) {
    EXPECT_TRUE(s.plain);
  }
  if (!s.plain || header.content_ns != ns_client) return;
  Element stamped = tree;
  stamped.set("from", "stamp@d/r");
  for (const bool to_component : {false, true}) {
    if (to_component && !s.neutral) continue;
    const ExpatOpinion there = splice(s, header, to_component ? ns_component : ns_client);
    ASSERT_TRUE(there.accepted) << there.message << ": " << s.bytes;
    ASSERT_EQ(there.root.elements().size(), 3u) << s.bytes;
    const Element& got = *there.root.elements()[1];
    EXPECT_TRUE(to_component ? fits_component(got, stamped, true) : got == stamped)
        << s.bytes << "\n"
        << write(got);
  }
}

Verdict scan(std::string_view document, std::mt19937& random) {
  Verdict v;
  Scanner scanner(ScanLimits{.stanza_bytes_max = limits::stanza_bytes_max});
  size_t at = 0, seen = 0;
  while (true) {
    const Scanner::Step step = scanner.next(document.substr(at, seen - at));
    at += step.consumed;
    if (step.event == Scanner::Event::error) {
      v.error = scanner.error();
      return v;
    }
    if (step.event == Scanner::Event::close) v.closed = true;
    if (step.event == Scanner::Event::stanza) {
      v.stanzas.push_back(build(scanner.stanza(), scanner.header()));
      check_splices(scanner.stanza(), scanner.header(), v.stanzas.back());
    }
    if (step.event != Scanner::Event::more) continue;
    if (seen == document.size()) return v;
    seen = std::min(document.size(), seen + 1 + random() % 200);
  }
}

// Which line of STRICTER.md explains that the scanner refuses what the others accept; empty: none.
std::string why_stricter(std::string_view document, const Verdict& ours,
                         const ExpatOpinion& expat) {
  if (ours.error == ScanError::too_big || ours.error == ScanError::too_deep) return "limits";
  if (!document.empty() && document.find_first_of("\xEF\xFE\xFF") == 0) return "byte order mark";
  if (ours.error == ScanError::unsupported_encoding) return "encoding";
  if (expat.restricted) return "restricted";
  if (!expat.version.empty() && expat.version != "1.0") return "version";
  if (expat.text_between) return "text between stanzas";
  if (expat.empty_root) return "empty root";
  const size_t reference = document.find("&#");
  for (size_t i = reference; i != document.npos; i = document.find("&#", i + 1)) {
    if (document.find(';', i) - i >= limits::xml_reference_bytes_max) return "long reference";
  }
  return {};
}

class Differential : public testing::Test {
 protected:
  // Judges one document; `what` names it in a failure.
  void compare(std::string_view document, const std::string& what) {
    SCOPED_TRACE(what + "\n" + std::string(document));
    const Verdict ours = scan(document, random_);
    const ExpatOpinion expat = ask_expat(document);
    if (ours.accepted()) {
      ++accepted_;
      EXPECT_TRUE(expat.accepted) << expat.message;
      EXPECT_TRUE(xerces_.accepts(document)) << xerces_.message();
      EXPECT_FALSE(expat.restricted || expat.text_between);
      if (expat.accepted) compare_trees(ours, expat);
    } else if (expat.accepted && xerces_.accepts(document)) {
      ++stricter_;
      EXPECT_NE(why_stricter(document, ours, expat), "");
    }
  }

  void compare_trees(const Verdict& ours, const ExpatOpinion& expat) {
    const auto theirs = expat.root.elements();
    ASSERT_EQ(ours.stanzas.size(), theirs.size());
    for (size_t i = 0; i < theirs.size(); ++i) {
      ASSERT_EQ(ours.stanzas[i], *theirs[i]) << write(ours.stanzas[i]) << "\n" << write(*theirs[i]);
      const std::string written = write(*theirs[i]);
      const auto again = parse(written, {},
                               ScanLimits{.stanza_bytes_max = limits::stanza_bytes_max,
                                          .attributes_max = 2 * limits::xml_attributes_max});
      ASSERT_TRUE(again.ok()) << written;
      ASSERT_EQ(*again, *theirs[i]) << written;
    }
  }

  Xerces xerces_;
  std::mt19937 random_{1};
  size_t accepted_ = 0, stricter_ = 0;
};

TEST_F(Differential, CORE_48_everyone_takes_the_valid_files) {
  for (const File& f : files("valid")) {
    EXPECT_TRUE(scan(f.bytes, random_).accepted()) << f.name;
    for (int i = 0; i < 10; ++i) compare(f.bytes, f.name);
    feed_every_way(f.bytes);
  }
  EXPECT_EQ(stricter_, 0u);
}

TEST_F(Differential, CORE_48_the_scanner_refuses_the_invalid_files) {
  for (const File& f : files("invalid")) {
    EXPECT_FALSE(scan(f.bytes, random_).accepted()) << f.name;
    compare(f.bytes, f.name);
    feed_every_way(f.bytes);
  }
}

// What a mutation puts in: the tokens that parsers stumble over.
constexpr std::string_view tokens[] = {"<",
                                       ">",
                                       "/>",
                                       "</",
                                       "<a>",
                                       "</a>",
                                       "<a/>",
                                       "<a b='c'/>",
                                       "'",
                                       "\"",
                                       "=",
                                       " ",
                                       "\t",
                                       "\r\n",
                                       "\r",
                                       "&",
                                       ";",
                                       "&lt;",
                                       "&amp;",
                                       "&#65;",
                                       "&#x41;",
                                       "&#0;",
                                       "&#",
                                       "&#xD800;",
                                       "&x;",
                                       "<![CDATA[",
                                       "]]>",
                                       "]]",
                                       "<!--",
                                       "-->",
                                       "<?",
                                       "?>",
                                       "<!DOCTYPE a>",
                                       "<?xml version='1.0'?>",
                                       ":",
                                       "xml:",
                                       "xmlns",
                                       " xmlns=''",
                                       " xmlns='jabber:client'",
                                       " xmlns='jabber:server'",
                                       " xmlns:a='u'",
                                       " xmlns:b='u'",
                                       " xmlns:a=''",
                                       " a:b=''",
                                       " b:b=''",
                                       " xml:lang='en'",
                                       "a:",
                                       "stream:",
                                       "c:",
                                       " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
                                       " xmlns:c='jabber:client'",
                                       "http://www.w3.org/XML/1998/namespace",
                                       "http://www.w3.org/2000/xmlns/",
                                       "\xC3\xA9",
                                       "\xE2\x82\xAC",
                                       "\xF0\x9F\x98\x80",
                                       "\xC0\x80",
                                       "\xED\xA0\x80",
                                       "\xEF\xBB\xBF",
                                       "\xEF\xBF\xBF",
                                       "\xC3",
                                       "\x80",
                                       "\xC2\xB7",
                                       "\xC4\xB2",
                                       "\x7F",
                                       "\x01",
                                       std::string_view("\0", 1),
                                       "0",
                                       "-",
                                       ".",
                                       "_",
                                       "aaaaaaaaaaaaaaaaaaaaaaaa"};

// What may often stand before a '<', and what before the '>' or a blank of a start tag.
constexpr std::string_view contents[] = {
    "<a/>",
    "<b x='1'>y</b>",
    "<p:a xmlns:p='u' p:b='c'/>",
    "<c:body xmlns:c='jabber:client'/>",
    "<body xmlns='jabber:client'/>",
    "<stream:x/>",
    "<x xmlns=''><y/></x>",
    "<![CDATA[<&]]>",
    "&amp;&#x20AC;",
    "text",
    "]]",
    ">",
    "\r\n",
    "\xC3\xA9",
    "\xF0\x9F\x98\x80",
    "<xml:a/>",
    "<message>",
    "</message>",
};
constexpr std::string_view attributes[] = {
    " a='b'",
    " to='x'",
    " from=\"y\"",
    " xmlns='jabber:client'",
    " xmlns='jabber:clien&#116;'",
    " xmlns='jabber:server'",
    " xmlns=''",
    " xmlns:a='u'",
    " xmlns:b='u'",
    " xmlns:c='jabber:client'",
    " a:b='1'",
    " b:b='2'",
    " xml:lang='en'",
    " stream:b='3'",
    " xmlns:stream='v'",
    "\n",
    " x='\t&lt;>'",
    " \xC3\xA9='\xC3\xA9'",
};

class Mutator {
 public:
  Mutator(std::mt19937& random, const std::vector<File>& valid, const std::vector<File>& invalid)
      : random_(random), valid_(valid), invalid_(invalid) {}

  std::string one() {
    std::string s = pick(below(4) == 0 ? invalid_ : valid_).bytes;
    const bool gentle = below(2) == 0;
    for (size_t n = 1 + below(4); n > 0; --n) gentle ? extend(s) : mutate(s);
    return s;
  }

 private:
  size_t below(size_t n) { return n == 0 ? 0 : random_() % n; }
  const File& pick(const std::vector<File>& all) { return all[below(all.size())]; }
  template <size_t N>
  std::string_view pick(const std::string_view (&all)[N]) {
    return all[below(N)];
  }

  // The next of these bytes behind a random place, or the end.
  size_t place(const std::string& s, const char* bytes) {
    return std::min(s.find_first_of(bytes, below(s.size())), s.size());
  }

  // Adds what is often good there.
  void extend(std::string& s) {
    if (below(2) == 0) {
      s.insert(place(s, "<"), pick(contents));
    } else {
      const size_t tag = s.find('<', below(s.size()));
      s.insert(std::min(s.find_first_of(" >/", tag), s.size()), pick(attributes));
    }
  }

  // Does whatever it likes, more often at the edge of a token than chance would have it.
  void mutate(std::string& s) {
    const size_t at = below(3) == 0 ? below(s.size()) : place(s, "<>'\"=/: &");
    switch (below(7)) {
      case 0:
        s.erase(at, 1 + below(8));
        break;
      case 1:
        s.insert(at, s.substr(below(s.size()), below(40)));
        break;
      case 2:
        if (at < s.size()) s[at] = static_cast<char>(s[at] ^ (1 << below(8)));
        break;
      case 3: {
        const std::string& other = pick(valid_).bytes;
        s.insert(at, other.substr(below(other.size()), below(100)));
        break;
      }
      case 4: {
        const std::string_view token = pick(tokens);
        s.replace(at, std::min(token.size(), s.size() - at), token);
        break;
      }
      default:
        s.insert(at, pick(tokens));
    }
  }

  std::mt19937& random_;
  const std::vector<File>& valid_;
  const std::vector<File>& invalid_;
};

unsigned from_environment(const char* name, unsigned other) {
  const char* text = std::getenv(name);
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : other;
}

TEST_F(Differential, CORE_48_nothing_is_accepted_that_another_parser_refuses) {
  const std::vector<File> valid = files("valid"), invalid = files("invalid");
  const unsigned seed = from_environment("XBUS_SEED", 20240229);
  const unsigned rounds = from_environment("XBUS_MUTATIONS", 8000);
  random_.seed(seed);
  Mutator mutator(random_, valid, invalid);
  for (unsigned i = 0; i < rounds && !HasFailure(); ++i) {
    compare(mutator.one(), "XBUS_SEED=" + std::to_string(seed) + " round " + std::to_string(i));
  }
  RecordProperty("accepted", static_cast<int>(accepted_));
  RecordProperty("stricter", static_cast<int>(stricter_));
  EXPECT_GT(accepted_, rounds / 10) << "mutations too wild to say anything";
}

}  // namespace
}  // namespace xbus::xml

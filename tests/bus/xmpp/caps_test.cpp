#include "bus/xmpp/caps.hpp"

#include <algorithm>

#include "bus/limits.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

DiscoInfo info(std::string_view text) {
  auto read = disco_info_from(element(text));
  EXPECT_TRUE(read) << text;
  return read ? *read : DiscoInfo();
}

// ---- XEP-0115 ----

DiscoInfo exodus() {
  return info(
      "<query xmlns='http://jabber.org/protocol/disco#info'>"
      "<identity category='client' name='Exodus 0.9.1' type='pc'/>"
      "<feature var='http://jabber.org/protocol/caps'/><feature "
      "var='http://jabber.org/protocol/disco#info'/>"
      "<feature var='http://jabber.org/protocol/disco#items'/><feature "
      "var='http://jabber.org/protocol/muc'/></query>");
}

DiscoInfo psi() {
  return info(
      "<query xmlns='http://jabber.org/protocol/disco#info'>"
      "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
      "<identity xml:lang='el' category='client' name='&#936; 0.11' type='pc'/>"
      "<feature var='http://jabber.org/protocol/caps'/><feature "
      "var='http://jabber.org/protocol/disco#info'/>"
      "<feature var='http://jabber.org/protocol/disco#items'/><feature "
      "var='http://jabber.org/protocol/muc'/>"
      "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
      "<value>urn:xmpp:dataforms:softwareinfo</value></field>"
      "<field var='ip_version' type='text-multi'><value>ipv4</value><value>ipv6</value></field>"
      "<field var='os'><value>Mac</value></field><field "
      "var='os_version'><value>10.5.1</value></field>"
      "<field var='software'><value>Psi</value></field><field "
      "var='software_version'><value>0.11</value></field>"
      "</x></query>");
}

TEST(Caps, DISCO_05_simple_example_of_xep0115) {
  EXPECT_EQ(caps_ver(exodus()), "QgayPKawpkPSDYmwT/WM94uAlu0=");
}

TEST(Caps, DISCO_05_complex_example_of_xep0115) {
  EXPECT_EQ(caps_ver(psi()), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
}

TEST(Caps, DISCO_04_order_does_not_count_and_content_does) {
  DiscoInfo turned = psi();
  std::reverse(turned.identities.begin(), turned.identities.end());
  std::reverse(turned.features.begin(), turned.features.end());
  std::reverse(turned.forms[0].fields.begin(), turned.forms[0].fields.end());
  for (Field& field : turned.forms[0].fields)
    std::reverse(field.values.begin(), field.values.end());
  EXPECT_EQ(caps_ver(turned), caps_ver(psi()));
  EXPECT_EQ(caps2_input(turned), caps2_input(psi()));
  DiscoInfo changed = psi();
  changed.forms[0].add("os_build", "7");
  EXPECT_NE(caps_ver(changed), caps_ver(psi()));
  EXPECT_NE(caps2_input(changed), caps2_input(psi()));
}

TEST(Caps, DISCO_05_an_answer_is_verified_before_it_is_believed) {
  Caps caps{.node = "http://code.google.com/p/exodus",
            .ver = "QgayPKawpkPSDYmwT/WM94uAlu0=",
            .hash = "sha-1"};
  EXPECT_EQ(verify(caps, exodus()), CapsVerdict::valid);
  EXPECT_EQ(verify(caps, psi()), CapsVerdict::mismatch);
  EXPECT_EQ(make_caps("http://code.google.com/p/exodus", exodus()), caps);
  EXPECT_EQ(caps.disco_node(), "http://code.google.com/p/exodus#QgayPKawpkPSDYmwT/WM94uAlu0=");
  Caps sha256 = caps;
  sha256.hash = "sha-256";
  sha256.ver = *caps_ver(exodus(), crypto::Hash::sha256);
  EXPECT_EQ(verify(sha256, exodus()), CapsVerdict::valid);
  caps.hash = "md5";
  EXPECT_EQ(verify(caps, exodus()), CapsVerdict::unknown_hash);
  caps.hash = "";
  EXPECT_EQ(verify(caps, exodus()), CapsVerdict::legacy);
}

// Section 5.4 steps 3.3 to 3.6.
TEST(Caps, DISCO_05_an_ill_formed_answer_has_no_hash) {
  Caps caps{.node = "urn:x", .ver = "QgayPKawpkPSDYmwT/WM94uAlu0=", .hash = "sha-1"};
  DiscoInfo twice = exodus();
  twice.identities.push_back(twice.identities[0]);
  EXPECT_EQ(verify(caps, twice), CapsVerdict::ill_formed);
  EXPECT_FALSE(make_caps("urn:x", twice));
  twice = exodus();
  twice.features.push_back("http://jabber.org/protocol/muc");
  EXPECT_EQ(verify(caps, twice), CapsVerdict::ill_formed);
  twice = psi();
  twice.forms.push_back(twice.forms[0]);
  EXPECT_EQ(verify(caps, twice), CapsVerdict::ill_formed);
  DiscoInfo two_values = psi();
  two_values.forms[0].fields[0].values.push_back("urn:other");
  EXPECT_EQ(verify(caps, two_values), CapsVerdict::ill_formed);
  two_values.forms[0].fields[0].values[1] = two_values.forms[0].fields[0].values[0];
  EXPECT_EQ(caps_ver(two_values), caps_ver(psi()));
  // Forms without a hidden FORM_TYPE are passed over.
  DiscoInfo other = exodus();
  other.forms.push_back(Form());
  other.forms.back().add("FORM_TYPE", "urn:x", FieldType::text_single);
  other.forms.push_back(Form());
  other.forms.back().add("os", "Mac");
  EXPECT_EQ(verify(caps, other), CapsVerdict::valid);
}

// The warning of section 5.1: a '<' in a name must not end it.
TEST(Caps, DISCO_05_a_name_cannot_pretend_to_be_a_feature) {
  DiscoInfo honest, liar;
  honest.identities = {{"client", "pc", "SomeClient", ""}};
  honest.features = {"http://jabber.org/protocol/muc"};
  liar.identities = {{"client", "pc", "SomeClient<http://jabber.org/protocol/muc", ""}};
  EXPECT_NE(caps_ver(honest), caps_ver(liar));
}

TEST(Caps, is_read_from_presence_and_written) {
  auto presence = element(
      "<presence from='romeo@montague.lit/orchard'><c xmlns='http://jabber.org/protocol/caps' "
      "hash='sha-1' "
      "node='http://code.google.com/p/exodus' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/></presence>");
  auto caps = caps_from(presence);
  ASSERT_TRUE(caps);
  EXPECT_EQ(caps->hash, "sha-1");
  EXPECT_EQ(to_element(*caps), *presence.first("c", ns_caps));
  EXPECT_EQ(caps_from(to_element(*caps)), caps);
  EXPECT_FALSE(caps_from(element("<presence/>")));
  EXPECT_FALSE(caps_from(
      element("<presence><c xmlns='http://jabber.org/protocol/caps' node='urn:x'/></presence>")));
  EXPECT_EQ(
      caps_from(
          element("<c xmlns='http://jabber.org/protocol/caps' node='urn:x' ver='0.9' ext='a b'/>"))
          ->hash,
      "");
}

// ---- XEP-0390 ----

constexpr std::string_view bombus =
    "<query xmlns='http://jabber.org/protocol/disco#info'>"
    "<identity category='client' name='BombusMod' type='mobile'/>"
    "<feature var='http://jabber.org/protocol/si'/>"
    "<feature var='http://jabber.org/protocol/bytestreams'/>"
    "<feature var='http://jabber.org/protocol/chatstates'/>"
    "<feature var='http://jabber.org/protocol/disco#info'/>"
    "<feature var='http://jabber.org/protocol/disco#items'/><feature var='urn:xmpp:ping'/>"
    "<feature var='jabber:iq:time'/><feature var='jabber:iq:privacy'/>"
    "<feature var='jabber:iq:version'/><feature var='http://jabber.org/protocol/rosterx'/>"
    "<feature var='urn:xmpp:time'/><feature var='jabber:x:oob'/>"
    "<feature var='http://jabber.org/protocol/ibb'/>"
    "<feature var='http://jabber.org/protocol/si/profile/file-transfer'/>"
    "<feature var='urn:xmpp:receipts'/><feature var='jabber:iq:roster'/>"
    "<feature var='jabber:iq:last'/></query>";

constexpr std::string_view tkabber =
    "<query xmlns='http://jabber.org/protocol/disco#info'>"
    "<identity category='client' name='Tkabber' type='pc' xml:lang='en'/>"
    "<identity category='client' name='Ткаббер' type='pc' xml:lang='ru'/>"
    "<feature var='games:board'/><feature var='http://jabber.org/protocol/activity'/>"
    "<feature var='http://jabber.org/protocol/activity+notify'/>"
    "<feature var='http://jabber.org/protocol/bytestreams'/>"
    "<feature var='http://jabber.org/protocol/chatstates'/>"
    "<feature var='http://jabber.org/protocol/commands'/>"
    "<feature var='http://jabber.org/protocol/disco#info'/>"
    "<feature var='http://jabber.org/protocol/disco#items'/>"
    "<feature var='http://jabber.org/protocol/evil'/>"
    "<feature var='http://jabber.org/protocol/feature-neg'/>"
    "<feature var='http://jabber.org/protocol/geoloc'/>"
    "<feature var='http://jabber.org/protocol/geoloc+notify'/>"
    "<feature var='http://jabber.org/protocol/ibb'/>"
    "<feature var='http://jabber.org/protocol/iqibb'/>"
    "<feature var='http://jabber.org/protocol/mood'/>"
    "<feature var='http://jabber.org/protocol/mood+notify'/>"
    "<feature var='http://jabber.org/protocol/rosterx'/>"
    "<feature var='http://jabber.org/protocol/si'/>"
    "<feature var='http://jabber.org/protocol/si/profile/file-transfer'/>"
    "<feature var='http://jabber.org/protocol/tune'/>"
    "<feature var='http://www.facebook.com/xmpp/messages'/>"
    "<feature var='http://www.xmpp.org/extensions/xep-0084.html#ns-metadata+notify'/>"
    "<feature var='jabber:iq:avatar'/><feature var='jabber:iq:browse'/>"
    "<feature var='jabber:iq:dtcp'/><feature var='jabber:iq:filexfer'/>"
    "<feature var='jabber:iq:ibb'/><feature var='jabber:iq:inband'/>"
    "<feature var='jabber:iq:jidlink'/><feature var='jabber:iq:last'/>"
    "<feature var='jabber:iq:oob'/><feature var='jabber:iq:privacy'/>"
    "<feature var='jabber:iq:roster'/><feature var='jabber:iq:time'/>"
    "<feature var='jabber:iq:version'/><feature var='jabber:x:data'/>"
    "<feature var='jabber:x:event'/><feature var='jabber:x:oob'/>"
    "<feature var='urn:xmpp:avatar:metadata+notify'/><feature var='urn:xmpp:ping'/>"
    "<feature var='urn:xmpp:receipts'/><feature var='urn:xmpp:time'/>"
    "<x xmlns='jabber:x:data' type='result'><field type='hidden' var='FORM_TYPE'>"
    "<value>urn:xmpp:dataforms:softwareinfo</value></field><field var='software'><value>Tkabber"
    "</value></field><field var='software_version'><value>0.11.1-svn-20111216-mod (Tcl/Tk 8.6b2)"
    "</value></field><field var='os'><value>Windows</value></field><field var='os_version'>"
    "<value>XP</value></field></x></query>";

TEST(Caps2, DISCO_05_simple_example_of_xep0390) {
  EXPECT_EQ(caps2_hash(info(bombus), crypto::Hash::sha256),
            (CapsHash{"sha-256", "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8="}));
  EXPECT_EQ(caps2_hash(info(bombus), crypto::Hash::sha3_256),
            (CapsHash{"sha3-256", "79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q="}));
}

TEST(Caps2, DISCO_05_complex_example_of_xep0390) {
  EXPECT_EQ(caps2_hash(info(tkabber), crypto::Hash::sha256),
            (CapsHash{"sha-256", "u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY="}));
  EXPECT_EQ(caps2_hash(info(tkabber), crypto::Hash::sha3_256),
            (CapsHash{"sha3-256", "XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg="}));
  auto c = make_caps2(info(tkabber));
  ASSERT_TRUE(c);
  EXPECT_EQ(*c, element("<c xmlns='urn:xmpp:caps'>"
                        "<hash xmlns='urn:xmpp:hashes:2' "
                        "algo='sha-256'>u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=</hash>"
                        "<hash xmlns='urn:xmpp:hashes:2' "
                        "algo='sha3-256'>XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=</hash>"
                        "</c>"));
  for (const CapsHash& hash : caps2_from(*c)) {
    EXPECT_EQ(verify(hash, info(tkabber)), CapsVerdict::valid);
    EXPECT_EQ(verify(hash, info(bombus)), CapsVerdict::mismatch);
  }
}

TEST(Caps2, the_disco_node_of_a_hash) {
  CapsHash hash{"sha-256", "u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY="};
  EXPECT_EQ(hash.disco_node(),
            "urn:xmpp:caps#sha-256.u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=");
  EXPECT_EQ(caps_hash_of_node(hash.disco_node()), hash);
  EXPECT_EQ(caps_hash_of_node("urn:xmpp:caps#x.y.z="), (CapsHash{"x.y", "z="}));
  for (std::string_view node : {"", "urn:xmpp:caps#", "urn:xmpp:caps#sha-256", "urn:xmpp:caps#.x",
                                "urn:xmpp:caps#x.", "urn:other#sha-256.x"}) {
    EXPECT_FALSE(caps_hash_of_node(node)) << node;
  }
}

// Section 4.1 steps 1 to 3.
TEST(Caps2, DISCO_05_what_cannot_be_hashed_is_ill_formed) {
  CapsHash hash{"sha-256", "x"};
  DiscoInfo strange = exodus();
  strange.has_other_elements = true;
  EXPECT_EQ(verify(hash, strange), CapsVerdict::ill_formed);
  DiscoInfo report = psi();
  report.forms[0].reported.push_back(Field());
  EXPECT_EQ(verify(hash, report), CapsVerdict::ill_formed);
  DiscoInfo rows = psi();
  rows.forms[0].items.push_back({});
  EXPECT_EQ(verify(hash, rows), CapsVerdict::ill_formed);
  DiscoInfo untyped = exodus();
  untyped.forms.push_back(Form());
  EXPECT_EQ(verify(hash, untyped), CapsVerdict::ill_formed);
  DiscoInfo separators = exodus();
  separators.features.push_back(
      "a\x1f"
      "b");
  EXPECT_EQ(verify(hash, separators), CapsVerdict::ill_formed);
  EXPECT_FALSE(make_caps2(strange));
  EXPECT_EQ(verify(CapsHash{"md5", "x"}, exodus()), CapsVerdict::unknown_hash);
}

TEST(Caps2, at_most_so_many_hashes_are_read) {
  xml::Element c =
      to_element(std::vector<CapsHash>(limits::caps_hashes_max + 1, CapsHash{"sha-256", "x"}));
  EXPECT_EQ(caps2_from(c).size(), limits::caps_hashes_max);
  EXPECT_TRUE(caps2_from(element("<presence/>")).empty());
  EXPECT_TRUE(
      caps2_from(element("<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2'>x</hash></c>"))
          .empty());
}

TEST(Caps, hashes_have_the_names_of_xep0300) {
  for (std::string_view name : {"sha-1", "sha-256", "sha-384", "sha-512", "sha3-256", "sha3-512"}) {
    ASSERT_TRUE(hash_of(name)) << name;
    EXPECT_EQ(name_of(*hash_of(name)), name);
  }
  EXPECT_FALSE(hash_of("md5"));
}

}  // namespace
}  // namespace xbus::xmpp

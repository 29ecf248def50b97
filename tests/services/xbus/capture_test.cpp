#include "services/xbus/capture.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "bus/limits.hpp"
#include "bus/server/tap_filter.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

xml::Element element(std::string_view text) {
  auto parsed = xml::parse(text, xml::ns_client);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : xml::Element();
}

CaptureItem seen(std::string_view stanza) {
  CaptureItem item;
  item.seen = {element(stanza),
               xmpp::Delay{*xmpp::parse_datetime("2026-01-01T00:00:00.25Z"), {}, {}}};
  return item;
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

struct Capture : testing::Test {
  Capture() {
    std::string pattern = testing::TempDir() + "capture-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    path = folder + "/seen.xml";
  }
  ~Capture() override {
    ::unlink(path.c_str());
    ::rmdir(folder.c_str());
  }
  // What is read, written out again; an error behind it.
  std::vector<std::string> read() const {
    std::vector<std::string> all;
    const auto done = read_capture(path, [&](const CaptureItem& item) {
      if (item.seen) all.push_back(xml::write(item.seen->stanza, xml::ns_client));
      if (item.missed != 0) all.push_back(std::to_string(item.missed));
      if (item.instance) all.push_back(item.instance->service + "=" + item.instance->jid.str());
      return true;
    });
    if (!done) all.push_back(done.error());
    return all;
  }
  void write(std::string_view text) const { std::ofstream(path, std::ios::binary) << text; }

  std::string folder, path;
};

const std::string head =
    "<?xml version='1.0' encoding='UTF-8'?>\n<capture xmlns='urn:xbus:capture:0' version='1' "
    "from='localhost' to='ann@localhost/&apos;'>\n";

TEST_F(Capture, is_whole_at_any_time_and_read_back) {
  auto file = CaptureFile::create(path, "localhost", "ann@localhost/'");
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(read_file(path), head + "</capture>\n");
  CaptureItem instance, missed;
  instance.instance = {"agent", *xmpp::Jid::parse("ann@localhost/host")};
  missed.missed = 3;
  const std::string message = "<message to='ann@localhost'><body>a &lt; b</body></message>";
  ASSERT_TRUE(file->add(instance));
  ASSERT_TRUE(file->add(seen(message)));
  EXPECT_EQ(read_file(path),
            head +
                "<instance service='agent' jid='ann@localhost/host'/>\n"
                "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' "
                "stamp='2026-01-01T00:00:00.25Z'/><message xmlns='jabber:client' "
                "to='ann@localhost'><body>a &lt; b</body></message></forwarded>\n</capture>\n");
  ASSERT_TRUE(file->add(missed));
  EXPECT_THAT(read(), testing::ElementsAre("agent=ann@localhost/host", message, "3"));
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0600u);
}

TEST_F(Capture, what_was_there_is_gone_and_nobody_else_reads) {
  write("something else that is longer than what a capture begins with" + std::string(500, 'x'));
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  ASSERT_TRUE(CaptureFile::create(path, "localhost", "ann@localhost/'"));
  EXPECT_EQ(read_file(path), head + "</capture>\n");
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0600u);
  EXPECT_FALSE(CaptureFile::create(folder, "localhost", "ann"));
  EXPECT_FALSE(CaptureFile::create("/dev/null", "localhost", "ann"));
  EXPECT_FALSE(CaptureFile::create(folder + "/no/such/folder", "localhost", "ann"));
  // Nothing is written through a link that somebody else has put there.
  const std::string link = folder + "/link";
  ASSERT_EQ(::symlink(path.c_str(), link.c_str()), 0);
  EXPECT_FALSE(CaptureFile::create(link, "localhost", "ann"));
  ::unlink(link.c_str());
}

TEST_F(Capture, a_stanza_that_no_reader_takes_is_written_without_what_it_holds) {
  auto file = CaptureFile::create(path, "localhost", "ann@localhost/'");
  xml::Element stanza = element("<message id='m'/>");
  xml::Element* at = &stanza;
  for (size_t i = 0; i < limits::xml_depth_max + 3; ++i) at = &at->add(xml::Element("d", "urn:d"));
  CaptureItem item = seen("<message/>");
  item.seen->stanza = stanza;
  ASSERT_TRUE(file->add(item));
  const auto got = read();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(server::omitted_in(element(got[0]))->reason, "too-large");
}

TEST_F(Capture, a_broken_one_says_where_and_why) {
  const std::string good =
      "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' "
      "stamp='2026-01-01T00:00:00Z'/><iq xmlns='jabber:client'/></forwarded>\n";
  const auto last = [&](const std::string& text) {
    write(text);
    const auto all = read();
    return all.empty() ? std::string() : all.back();
  };
  const auto at = [&](size_t offset) { return path + ":" + std::to_string(offset) + ": "; };
  EXPECT_EQ(last(head + good + "</capture>"), "<iq/>");
  EXPECT_EQ(last(""), at(0) + "no capture of xbus");
  EXPECT_EQ(last("<other/>"), at(0) + "not well-formed XML");
  EXPECT_EQ(last("<other>"), at(0) + "no capture of xbus");
  EXPECT_EQ(last("<capture xmlns='urn:xbus:capture:0' version='2'>"),
            at(0) + "a capture of a version that is not known here");
  EXPECT_EQ(last(head + good), at((head + good).size()) + "it ends in the middle");
  EXPECT_EQ(last(head + good + "<forwarded"),
            at((head + good).size() + 10) + "it ends in the middle");
  EXPECT_EQ(last(head + good + "<forwarded></capture>"),
            at((head + good).size()) + "not well-formed XML");
  EXPECT_EQ(last(head + "<!-- a -->"),
            at(head.size()) + "a comment, processing instruction, DTD or entity");
  EXPECT_EQ(last(head + "text"), at(head.size()) + "not well-formed XML");
  EXPECT_THAT(last(head + good + "</capture>\n<x/>"), HasSubstr("something stands behind the end"));
  for (const char* strange :
       {"<other/>", "<missed/>", "<missed stanzas='0'/>", "<missed stanzas='3x'/>",
        "<missed stanzas='-1'/>", "<instance service='a'/>", "<instance service='' jid='a'/>",
        "<instance service='a' jid='@'/>",
        "<forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client'/></forwarded>",
        "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' "
        "stamp='2026-01-01T00:00:00Z'/></forwarded>",
        "<missed stanzas='3'><x/></missed>"})
    EXPECT_EQ(last(head + strange + "</capture>"),
              at(head.size()) + "an element that no capture holds")
        << strange;
  EXPECT_THAT(last(head + std::string(limits::queue_bytes_per_connection_max + 70'000, ' ') + good),
              EndsWith("middle"));
  EXPECT_EQ(last(head + "<m a='" + std::string(limits::queue_bytes_per_connection_max + 1, 'x')),
            at(head.size()) + "an element is too large");
  ::unlink(path.c_str());
  EXPECT_THAT(read().back(), StartsWith(path + " cannot be read"));
}

}  // namespace
}  // namespace xbus::cli
